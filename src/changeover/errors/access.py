"""Who may not: permissions, sign-in, passwords, tokens, users."""

from __future__ import annotations

from changeover.errors.kind import ErrorKind

NOT_PERMITTED = ErrorKind(
    "E-NOT-PERMITTED",
    403,
    "Your user lacks a permission that this needs.",
    "Ask an administrator to assign you a permission set that holds it.",
)
USER_NOT_ACTIVE = ErrorKind(
    "E-USER-NOT-ACTIVE",
    403,
    "The user who is signed in has been deactivated or is gone.",
    "Sign in as another user, or ask an administrator to activate this one.",
)
LAST_ADMINISTRATOR = ErrorKind(
    "E-LAST-ADMINISTRATOR",
    409,
    "The org would be left without an active user who may manage users.",
    "Give another active user the permission “Manage Users” first.",
)
SELF_AUTHORIZED = ErrorKind(
    "E-SELF-AUTHORIZED",
    409,
    "All users may authorize themselves for this app: profiles and permission sets have no effect.",
    "Set its Permitted Users to “Admin approved users are pre-authorized” first.",
)
PLACEHOLDER = ErrorKind(
    "E-PLACEHOLDER",
    409,
    "This is a placeholder for a name that an imported file mentions.",
    "Create the real user, profile or permission set under that name first.",
)
SIGN_IN_FAILED = ErrorKind(
    "E-SIGN-IN-FAILED",
    401,
    "The username or the password is wrong.",
    "Check both and try again; an administrator can set a new password.",
)
SIGN_IN_LOCKED = ErrorKind(
    "E-SIGN-IN-LOCKED",
    429,
    "Too many wrong passwords: this user cannot sign in for a while.",
    "Wait, or ask an administrator to set a new password.",
)
PASSWORD_WRONG = ErrorKind(
    "E-PASSWORD-WRONG",
    403,
    "The password is wrong, so nothing was shown or changed.",
    "Enter the password with which you sign in.",
)
PASSWORD_PROOF_OLD = ErrorKind(
    "E-PASSWORD-PROOF",
    403,
    "This needs your password anew.",
    "Enter your password again.",
)
PASSWORD_TOO_WEAK = ErrorKind(
    "E-PASSWORD-TOO-WEAK",
    422,
    "The password is too short or is your username.",
    "Choose a password of at least 12 characters.",
)
TOKEN_REFUSED = ErrorKind(
    "E-TOKEN-REFUSED",
    401,
    "The API token is unknown, expired or revoked.",
    "Create a new token under your user, and send it as a bearer token.",
)
TOKEN_MISSING = ErrorKind(
    "E-TOKEN-MISSING",
    401,
    "The request bears no API token.",
    "Create a token under API Tokens, and send it as `Authorization: Bearer TOKEN`; a cookie does not count.",
)
SECRETS_OVER_REST_OFF = ErrorKind(
    "E-SECRETS-OVER-REST",
    403,
    "The org does not let the secrets of external client apps be read over REST.",
    "Turn on “Allow access to External Client App consumer secrets via REST API” in External Client App"
    " settings.",
)
