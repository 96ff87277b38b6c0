"""Errors that a reader sees: one catalogue, one exception.

Every error has a stable code, says in one sentence what happened, and what to do next. `docs/errors.md` is
made from `CATALOGUE`. A message never holds a secret, a token or a private key.
"""

from __future__ import annotations

from typing import NamedTuple


class ErrorKind(NamedTuple):
    """An entry of the catalogue."""

    code: str
    """Stable: `E-...`."""
    status: int
    """HTTP status over REST and on pages."""
    title: str
    """What happened, in general."""
    remedy: str
    """What to do next, where the error itself does not say it more closely."""


class ChangeoverError(Exception):
    """An error for the reader.

    Args:
        kind: its entry in the catalogue.
        message: one sentence: what happened, with the names of this case.
        remedy: what to do next in this case; the catalogue's by default.
    """

    def __init__(self, kind: ErrorKind, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.remedy = remedy or kind.remedy

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error travel between processes whatever its class's own arguments are."""
        return _restored, (type(self), self.args, self.__dict__)

    @property
    def code(self) -> str:
        """The stable code."""
        return self.kind.code

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.remedy}"


def _restored(
    cls: type[ChangeoverError], args: tuple[object, ...], state: dict[str, object]
) -> ChangeoverError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


_kinds: list[ErrorKind] = []


def _kind(code: str, status: int, title: str, remedy: str) -> ErrorKind:
    entry = ErrorKind(code, status, title, remedy)
    _kinds.append(entry)
    return entry


# --- files ---------------------------------------------------------------------------------------------
XML_BROKEN = _kind(
    "E-XML-BROKEN",
    400,
    "A file is not well-formed XML.",
    "Mend the file at the line named, or retrieve it again from the org.",
)
XML_DOCTYPE = _kind(
    "E-XML-DOCTYPE",
    400,
    "A file declares a DOCTYPE, which Salesforce metadata never does.",
    "Remove the DOCTYPE; if you did not put it there, do not trust the file.",
)
XML_TOO_LARGE = _kind(
    "E-XML-TOO-LARGE",
    400,
    "A file is larger or more deeply nested than any app's metadata.",
    "Check that the file is what its name says.",
)
FILE_NOT_AN_APP = _kind(
    "E-FILE-NOT-AN-APP",
    400,
    "The root element of a file is not what its name says.",
    "Rename the file or retrieve it again.",
)
PATH_MISSING = _kind(
    "E-PATH-MISSING", 404, "A path does not exist or cannot be read.", "Check the path and try again."
)
ZIP_REFUSED = _kind(
    "E-ZIP-REFUSED",
    400,
    "A zip archive is broken, too large, or holds a path that leads out of it.",
    "Retrieve the package again; do not open an archive whose origin you do not know.",
)
EVIDENCE_UNKNOWN = _kind(
    "E-EVIDENCE-UNKNOWN",
    400,
    "A file of evidence is of no kind that Changeover reads.",
    "Bring Setup's Login History, or what SOQL answers on LoginHistory or OauthToken, as CSV or JSON, or an"
    " event log file of the type Login or ApiTotalUsage; `docs/evidence.md` has the queries.",
)
EVIDENCE_ROWS = _kind(
    "E-EVIDENCE-ROWS",
    400,
    "Rows of a file of evidence cannot be read.",
    "The others were counted. Look at the line named, or export the file again.",
)
LOGIN_HISTORY_UNREADABLE = _kind(
    "E-LOGIN-HISTORY-UNREADABLE",
    400,
    "A file is not a Login History that Changeover can read.",
    "Give the CSV that Setup downloads, or the CSV or JSON answer of a SOQL query on LoginHistory.",
)
OUTPUT_IN_THE_WAY = _kind(
    "E-OUTPUT-IN-THE-WAY",
    409,
    "A file that Changeover did not write stands where it would write.",
    "Choose an empty folder, or move the file away.",
)
APP_NOT_FOUND = _kind(
    "E-APP-NOT-FOUND", 404, "No app has the name given.", "Check the API name in App Manager."
)

# --- pages and REST -----------------------------------------------------------------------------------
ASSETS_MISSING = _kind(
    "E-ASSETS-MISSING",
    500,
    "Files that the pages need are not installed.",
    "Install the wheel, or run `python tools/assets.py` in a checkout.",
)
HOST_UNKNOWN = _kind(
    "E-HOST-UNKNOWN",
    400,
    "A request came in under a host name that is not this server's.",
    "Open the address that the server printed when it started, or allow the name with --allow-host.",
)
PAGE_NOT_FOUND = _kind(
    "E-PAGE-NOT-FOUND",
    404,
    "There is no page at this address.",
    "Look for the page in Quick Find, or go back to Setup Home.",
)
METHOD_NOT_ALLOWED = _kind(
    "E-METHOD-NOT-ALLOWED",
    405,
    "The address does not take this kind of request.",
    "Go back and use the page's own buttons; over REST see the OpenAPI description.",
)
REQUEST_INVALID = _kind(
    "E-REQUEST-INVALID",
    400,
    "A request holds a value that cannot be read, or lacks one.",
    "Correct the value named and try again.",
)
REQUEST_TOO_LARGE = _kind(
    "E-REQUEST-TOO-LARGE",
    413,
    "A request holds more than is taken.",
    "Send less at once: split the package, or import the folder on the command line.",
)
FORM_STALE = _kind(
    "E-FORM-STALE",
    403,
    "A form was not made for this browser, or its time is over.",
    "Open the page again and repeat what you did; cookies must be on.",
)
TOO_MANY_REQUESTS = _kind(
    "E-TOO-MANY-REQUESTS",
    429,
    "More requests came in than are taken.",
    "Wait for the time that the answer names and try again.",
)
INTERNAL = _kind(
    "E-INTERNAL",
    500,
    "Something went wrong that should not; nothing was changed.",
    "Try again; if it happens again, give the reference to whoever runs this server: it stands in the log.",
)

# --- org: who may act, and whether the app is in the right state -----------------------------------------
NOT_PERMITTED = _kind(
    "E-NOT-PERMITTED",
    403,
    "Your user lacks a permission that this needs.",
    "Ask an administrator to assign you a permission set that holds it.",
)
USER_NOT_ACTIVE = _kind(
    "E-USER-NOT-ACTIVE",
    403,
    "The user who is signed in has been deactivated or is gone.",
    "Sign in as another user, or ask an administrator to activate this one.",
)
EDITION_REFUSED = _kind(
    "E-EDITION",
    403,
    "The org's edition is not among those that may create external client apps from connected apps.",
    "Available in Professional, Performance, Unlimited and Developer; Enterprise needs the switch in Company"
    " Information.",
)
NOT_OPTED_IN = _kind(
    "E-NOT-OPTED-IN",
    403,
    "The org has not opted in to external client apps.",
    "Opt in to external client apps in External Client App Settings.",
)
NOT_LOCAL = _kind(
    "E-NOT-LOCAL",
    409,
    "The app is not local: it comes from a package or another org.",
    "Ask its publisher for an external client app; only local apps can be migrated.",
)
PUSH_INVALID = _kind(
    "E-PUSH-INVALID",
    409,
    "The app's push settings are invalid, and with them a migration fails.",
    "Renew the Apple certificate, or replace the Android server key by a service account, in Push settings.",
)
NOT_ELIGIBLE = _kind(
    "E-NOT-ELIGIBLE",
    409,
    "The app is not eligible for migration.",
    "Open the app: each reason is listed with its remedy.",
)
ALREADY_MIGRATED = _kind(
    "E-ALREADY-MIGRATED",
    409,
    "The app has already been migrated.",
    "Go on with its external client app, or delete that one first.",
)
CONFIRM_LOCAL = _kind(
    "E-CONFIRM-LOCAL",
    422,
    "It was not confirmed that the app is local.",
    "Confirm that the app is local, then migrate.",
)
CONFIRM_NO_USERNAME_PASSWORD = _kind(
    "E-CONFIRM-NO-USERNAME-PASSWORD",
    422,
    "It was not confirmed that the app does not use the username-password flow.",
    "Confirm that the app does not use the username-password flow, then migrate.",
)
USERNAME_PASSWORD_SEEN = _kind(
    "E-USERNAME-PASSWORD-SEEN",
    409,
    "Login History shows logins of this app with username and password.",
    "Move it to client credentials, or confirm against this evidence.",
)
EVIDENCE_AGAINST = _kind(
    "E-EVIDENCE-AGAINST",
    409,
    "Something was found that must be confirmed for this app in so many words.",
    "Read the finding, then confirm against this evidence.",
)
MIGRATED_AGAIN = _kind(
    "E-MIGRATED-AGAIN",
    409,
    "Another external client app of this name has been made since.",
    "Look at it first; if it is to go too, delete it on its own page.",
)
REHEARSAL_RUNNING = _kind(
    "E-REHEARSAL-RUNNING",
    409,
    "A rehearsal of the org is running.",
    "Wait until it is done: it stands under Rehearsals in Setup.",
)
REHEARSAL_UNREADABLE = _kind(
    "E-REHEARSAL-UNREADABLE",
    422,
    "The file holds no rehearsal.",
    "Make one with `changeover rehearse --json`, and name its file.",
)
BATCH_RUNNING = _kind(
    "E-BATCH-RUNNING",
    409,
    "The batch is running.",
    "Wait until it is done, or stop it first.",
)
CONFIRM_DELETION = _kind(
    "E-CONFIRM-DELETION",
    422,
    "The deletion was not confirmed.",
    "Read what will be lost, confirm, and delete.",
)
STALE_PAGE = _kind(
    "E-STALE-PAGE",
    409,
    "The page shows an older state than the org holds.",
    "Load the page again, look at what has changed, and repeat.",
)
APP_READ_ONLY = _kind(
    "E-APP-READ-ONLY",
    409,
    "The connected app has been migrated and is read-only.",
    "Make the change on its external client app.",
)
EXTERNAL_CLIENT_APP_THERE = _kind(
    "E-EXTERNAL-CLIENT-APP-THERE",
    409,
    "The connected app cannot be deleted while its external client app is there.",
    "Delete the external client app first; the connected app then is active again.",
)
CREATION_OFF = _kind(
    "E-CREATION-OFF",
    403,
    "Since Spring '26 connected apps can no longer be created.",
    "Create an external client app, or have Salesforce Support allow it and turn the exception on in Company"
    " Information.",
)
EXTERNAL_CLIENT_APP_NOT_FOUND = _kind(
    "E-EXTERNAL-CLIENT-APP-NOT-FOUND",
    404,
    "No external client app has the name given.",
    "Check the API name in External Client App Manager.",
)
RECORD_NOT_FOUND = _kind(
    "E-RECORD-NOT-FOUND", 404, "Nothing of the name given is in this org.", "Check the name and try again."
)
NAME_TAKEN = _kind("E-NAME-TAKEN", 409, "The name is taken.", "Choose another name, or change what has it.")
CONSUMER_KEY_TAKEN = _kind(
    "E-CONSUMER-KEY-TAKEN",
    409,
    "Another app of this org has the same consumer key.",
    "Remove one of the two apps, or take the key out of the file: the app then gets a new one.",
)
PART_TAKEN = _kind(
    "E-PART-TAKEN",
    409,
    "The external client app has this part under another name.",
    "Give the file the name of the part that is there: an app has one of each kind.",
)
VALUE_REFUSED = _kind(
    "E-VALUE-REFUSED", 422, "A value is missing or not allowed.", "Correct the value and save again."
)
PUSH_CREDENTIAL_UNREADABLE = _kind(
    "E-PUSH-CREDENTIAL-UNREADABLE",
    422,
    "A push credential cannot be read.",
    "Check the file and its password, and give it again.",
)
LAST_ADMINISTRATOR = _kind(
    "E-LAST-ADMINISTRATOR",
    409,
    "The org would be left without an active user who may manage users.",
    "Give another active user the permission “Manage Users” first.",
)
SELF_AUTHORIZED = _kind(
    "E-SELF-AUTHORIZED",
    409,
    "All users may authorize themselves for this app: profiles and permission sets have no effect.",
    "Set its Permitted Users to “Admin approved users are pre-authorized” first.",
)
PLACEHOLDER = _kind(
    "E-PLACEHOLDER",
    409,
    "This is a placeholder for a name that an imported file mentions.",
    "Create the real user, profile or permission set under that name first.",
)
IMPORTED_TWICE = _kind(
    "E-IMPORTED-TWICE",
    409,
    "The same import holds two apps of one name.",
    "Keep one of the two files and import again.",
)

# --- sign-in -------------------------------------------------------------------------------------------
SIGN_IN_FAILED = _kind(
    "E-SIGN-IN-FAILED",
    401,
    "The username or the password is wrong.",
    "Check both and try again; an administrator can set a new password.",
)
SIGN_IN_LOCKED = _kind(
    "E-SIGN-IN-LOCKED",
    429,
    "Too many wrong passwords: this user cannot sign in for a while.",
    "Wait, or ask an administrator to set a new password.",
)
PASSWORD_WRONG = _kind(
    "E-PASSWORD-WRONG",
    403,
    "The password is wrong, so nothing was shown or changed.",
    "Enter the password with which you sign in.",
)
PASSWORD_PROOF_OLD = _kind(
    "E-PASSWORD-PROOF",
    403,
    "This needs your password anew.",
    "Enter your password again.",
)
PASSWORD_TOO_WEAK = _kind(
    "E-PASSWORD-TOO-WEAK",
    422,
    "The password is too short or is your username.",
    "Choose a password of at least 12 characters.",
)
TOKEN_REFUSED = _kind(
    "E-TOKEN-REFUSED",
    401,
    "The API token is unknown, expired or revoked.",
    "Create a new token under your user, and send it as a bearer token.",
)

# --- store ---------------------------------------------------------------------------------------------
STORE_BUSY = _kind(
    "E-STORE-BUSY", 503, "The database is busy; nothing was changed.", "Try again in a moment."
)
STORE_FAILED = _kind(
    "E-STORE-FAILED",
    503,
    "The database could not do what was asked of it; nothing was changed.",
    "See that the database's server runs, and that its disk has room and can be written, then try again;"
    " `changeover doctor` examines the database.",
)
STORE_UNCERTAIN = _kind(
    "E-STORE-UNCERTAIN",
    503,
    "The connection to the database was lost at the very end: the change is there as a whole, or not at all.",
    "Look at the record or at the Setup Audit Trail before you try again.",
)
STORE_UNREADABLE = _kind(
    "E-STORE-UNREADABLE",
    500,
    "The database cannot be opened.",
    "Check the path and its rights, then run `changeover doctor`.",
)
STORE_SCHEMA = _kind(
    "E-STORE-SCHEMA",
    500,
    "The database was written by a newer Changeover.",
    "Start the version of Changeover that wrote it, or a newer one.",
)
KEY_MISSING = _kind(
    "E-KEY-MISSING",
    500,
    "The key that opens the stored secrets is missing or is another one.",
    "Put the key file back beside the database, or set CHANGEOVER_KEY to the key.",
)
SEAL_BROKEN = _kind(
    "E-SEAL-BROKEN",
    500,
    "A stored secret was altered, or belongs to another record.",
    "Restore the database from a backup that you trust, and rotate the secret.",
)
KEY_OPEN = _kind(
    "E-KEY-OPEN",
    500,
    "Others than the owner may read the key file.",
    "Run chmod 600 on the key file.",
)
KEY_IN_USE = _kind(
    "E-KEY-IN-USE",
    409,
    "A key cannot be dropped while values are sealed with it.",
    "Run `changeover key rotate` to its end: it seals them with the current key; then retire the old one.",
)
KEY_ELSEWHERE = _kind(
    "E-KEY-ELSEWHERE",
    409,
    "The keys are in CHANGEOVER_KEY, which Changeover can read but not change.",
    "Put a new key (`openssl rand -base64 32`) before the present one in CHANGEOVER_KEY, restart servers and"
    " workers with it, and run `changeover key rotate` again.",
)

# --- backups --------------------------------------------------------------------------------------------
BACKUP_BROKEN = _kind(
    "E-BACKUP-BROKEN",
    400,
    "A file is no backup of Changeover, or it has been cut off or damaged.",
    "Take another backup, or fetch this one again from where it was kept; nothing of it was restored.",
)
BACKUP_FORGED = _kind(
    "E-BACKUP-FORGED",
    400,
    "A backup was changed by somebody who does not have the key.",
    "Do not trust the file, nor the place where it was kept; restore another backup.",
)
BACKUP_NEWER = _kind(
    "E-BACKUP-NEWER",
    400,
    "A backup was taken by a newer Changeover.",
    "Restore it with the version that took it, or a newer one.",
)
BACKUP_KEY = _kind(
    "E-BACKUP-KEY",
    409,
    "A key that a backup needs is not here.",
    "Put the copy of the key, kept apart from backups, at its place, or behind the key that is there;"
    " if it is lost for good, --without-key goes on without what it sealed.",
)
RESTORE_NOT_EMPTY = _kind(
    "E-RESTORE-NOT-EMPTY",
    409,
    "A backup is restored into an empty installation only.",
    "Name another folder with --data, or an empty database with --database.",
)
RESTORE_REFUSED = _kind(
    "E-RESTORE-REFUSED",
    409,
    "The database did not take what a backup holds; nothing was restored.",
    "Look at the row named; if the file was never altered, report this with its manifest (its second line).",
)

# --- files: reading and writing -------------------------------------------------------------------------
XML_ENCODING = _kind(
    "E-XML-ENCODING",
    400,
    "A file is not written in UTF-8, the only encoding of Salesforce metadata.",
    "Save the file as UTF-8, or retrieve it again from the org.",
)
XML_UNWRITABLE = _kind(
    "E-XML-UNWRITABLE",
    422,
    "A value or an element name cannot stand in an XML file.",
    "Remove the control character or the invalid name from the value named.",
)
PATH_REFUSED = _kind(
    "E-PATH-REFUSED",
    400,
    "A file is a link that leads out of the folder, or its name cannot be read.",
    "Put the file itself into the folder, under a name in UTF-8.",
)
PROJECT_BROKEN = _kind(
    "E-PROJECT-BROKEN",
    400,
    "The sfdx-project.json does not say which folders hold the packages.",
    "Mend packageDirectories in sfdx-project.json, or name one package folder as PATH.",
)
LOGIN_HISTORY_ROWS = _kind(
    "E-LOGIN-HISTORY-ROWS",
    400,
    "Some rows of a Login History could not be read and were left out.",
    "Download the Login History again with English headings, or query it with SOQL.",
)
LOGINS_ONE_SIDED = _kind(
    "E-LOGINS-ONE-SIDED",
    400,
    "Login Histories before and after a migration must show logins on both sides of it.",
    "Check --since, and give a Login History from before that moment and one downloaded since.",
)
OUTPUT_FAILED = _kind(
    "E-OUTPUT-FAILED",
    500,
    "A file could not be written.",
    "Check the folder's permissions and the space on the disk; what stands there is whole.",
)
OUTPUT_IN_SOURCE = _kind(
    "E-OUTPUT-IN-SOURCE",
    409,
    "The folder to write to is the one that is read.",
    "Choose a folder of its own for the result.",
)
ANSWER_LOST = _kind(
    "E-ANSWER-LOST",
    507,
    "What a command prints could not be written where it was sent.",
    "Make room where the output goes, and run the command again: what it did is done, and done once.",
)

# --- migration -------------------------------------------------------------------------------------------
API_NAME_INVALID = _kind(
    "E-API-NAME-INVALID",
    422,
    "An API name is none that Salesforce allows, or is the connected app's own.",
    "Begin with a letter; use letters, digits and single underscores, at most 80; end in no underscore.",
)

# --- import --------------------------------------------------------------------------------------------
HEADER_MISSING = _kind(
    "E-HEADER-MISSING",
    400,
    "Parts of an external client app are there, and its header is not.",
    "Retrieve the ExternalClientApplication of that name too, and import both together.",
)

# --- uploads -------------------------------------------------------------------------------------------
UPLOAD_MISSING = _kind(
    "E-UPLOAD-MISSING",
    422,
    "No file was chosen, or a file has a name that cannot be used.",
    "Choose one zip archive, or the files themselves.",
)
UPLOAD_GONE = _kind(
    "E-UPLOAD-GONE",
    409,
    "The files that were looked at are no longer held: they were imported, or their time is over.",
    "Choose the files again.",
)

# --- REST -----------------------------------------------------------------------------------------------
TOKEN_MISSING = _kind(
    "E-TOKEN-MISSING",
    401,
    "The request bears no API token.",
    "Create a token under API Tokens, and send it as `Authorization: Bearer TOKEN`; a cookie does not count.",
)
MEDIA_TYPE_REFUSED = _kind(
    "E-MEDIA-TYPE",
    415,
    "The body of a request is of another kind than the address takes.",
    "Send the kind that the message names, and say so in Content-Type.",
)
VERSION_MISSING = _kind(
    "E-VERSION-MISSING",
    428,
    "A change does not say which version of the record it was made for.",
    "Read the record, and send its ETag back as If-Match; `If-Match: *` changes whatever is there.",
)

API_ADDRESS_UNKNOWN = _kind(
    "E-API-ADDRESS-UNKNOWN",
    404,
    "The API has nothing at this address.",
    "Look the address up in /api/v1/openapi.json; quote names in it.",
)
STAGED_THERE = _kind(
    "E-STAGED-THERE",
    409,
    "The external client app has staged credentials already: one pair at a time.",
    "Rotate them, delete them, or wait until their 30 days are over.",
)
STAGED_UNFIT = _kind(
    "E-STAGED-UNFIT",
    409,
    "These staged credentials cannot become the app's own.",
    "Delete them and stage new ones: only a pair that was never the app's own, whose time is not over and"
    " whose secret is there, can be rotated.",
)
SECRETS_OVER_REST_OFF = _kind(
    "E-SECRETS-OVER-REST",
    403,
    "The org does not let the secrets of external client apps be read over REST.",
    "Turn on “Allow access to External Client App consumer secrets via REST API” in External Client App"
    " settings.",
)

# --- OAuth ----------------------------------------------------------------------------------------------
ORG_UNKNOWN = _kind(
    "E-ORG-UNKNOWN",
    404,
    "Which org a request is for cannot be told.",
    "Call the org's own address: its host (`acme.localhost`) or its path (`/org/acme`), by its My Domain.",
)
OTHER_ORG = _kind(
    "E-OTHER-ORG",
    403,
    "The app asks for another org than the one you are signed in to.",
    "Sign out, and sign in as a user of that org.",
)

# --- work shared over processes --------------------------------------------------------------------------
WORKER_LOST = _kind(
    "E-WORKER-LOST",
    500,
    "A process that shared the work ended in the middle.",
    "Run the command again; what was written is whole. With little memory give it one processor, as with"
    " `taskset -c 0`.",
)

METRICS_TOKEN = _kind(
    "E-METRICS-TOKEN",
    500,
    "The token for the metrics is none that would keep anybody out.",
    "Set CHANGEOVER_METRICS_TOKEN to 16 random characters or more (`openssl rand -hex 32`), or leave it out.",
)

# --- command line ---------------------------------------------------------------------------------------
ADDRESS_TAKEN = _kind(
    "E-ADDRESS-TAKEN",
    500,
    "The server cannot listen on the address.",
    "Choose another port with --port (0 for any that is free), or stop what listens there.",
)

# --- serving --------------------------------------------------------------------------------------------
NOT_SERVED = _kind(
    "E-NOT-SERVED",
    404,
    "No server of the installation runs on this machine.",
    "Start `changeover serve`, best with --https-port and --client-proxy, and leave it running.",
)
CERTIFICATE_UNREADABLE = _kind(
    "E-CERTIFICATE-UNREADABLE",
    500,
    "A certificate or its key cannot be read.",
    "Name two PEM files with --certificate and --certificate-key, the key without a password; or leave both"
    " out, and Changeover makes its own.",
)
CERTIFICATE_MISMATCH = _kind(
    "E-CERTIFICATE-MISMATCH",
    500,
    "A certificate and a key do not belong together.",
    "Name the key for which the certificate was issued; in a file of several certificates the server's own"
    " stands first.",
)

# --- plans ----------------------------------------------------------------------------------------------
PLAN_UNREADABLE = _kind(
    "E-PLAN-UNREADABLE",
    400,
    "A file is no plan, is broken, or was written in a format that this Changeover does not know.",
    "Make a plan with `changeover plan`, and do not edit it by hand.",
)
PLAN_STALE = _kind(
    "E-PLAN-STALE",
    409,
    "What a plan rests on has changed since it was made; nothing was changed.",
    "Look at what has changed, and make the plan anew.",
)
PLAN_ENGINE = _kind(
    "E-PLAN-ENGINE",
    409,
    "The plan was made by another Changeover, which may make another result; nothing was changed.",
    "Make the plan anew with this Changeover, or apply it with the one that made it.",
)
PLAN_OTHER_PLACE = _kind(
    "E-PLAN-OTHER-PLACE",
    409,
    "The plan, or the record of what it did, belongs to another org or folder; nothing was changed.",
    "Name the org or folder that it was made for, or make a plan for this one.",
)
VERIFICATION_UNREADABLE = _kind(
    "E-VERIFICATION-UNREADABLE",
    400,
    "A file is no answer of `changeover verify --json`.",
    "Write one with `changeover verify SOURCE TARGET --json > verified.json`.",
)
APP_IDS_UNREADABLE = _kind(
    "E-APP-IDS-UNREADABLE",
    400,
    "A list of the apps' ids in Setup cannot be read.",
    "Write a CSV with the columns Name and Id, as `SELECT Id, Name FROM ConnectedApplication` answers.",
)
OWNERS_UNREADABLE = _kind(
    "E-OWNERS-UNREADABLE",
    400,
    "A list of owners cannot be read.",
    "Write a CSV with the columns app, owner, contact and wave; app is the API name, and each stands once.",
)

# New sections go above this line, one a room: files, migration, org, sign-in, import.
CATALOGUE: tuple[ErrorKind, ...] = tuple(_kinds)
