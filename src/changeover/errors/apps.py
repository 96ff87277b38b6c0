"""What an org refuses of apps and other records: their state, names, values, confirmations."""

from __future__ import annotations

from changeover.errors.kind import ErrorKind

EDITION_REFUSED = ErrorKind(
    "E-EDITION",
    403,
    "The org's edition is not among those that may create external client apps from connected apps.",
    "Available in Professional, Performance, Unlimited and Developer; Enterprise needs the switch in Company"
    " Information.",
)
NOT_OPTED_IN = ErrorKind(
    "E-NOT-OPTED-IN",
    403,
    "The org has not opted in to external client apps.",
    "Opt in to external client apps in External Client App Settings.",
)
NOT_LOCAL = ErrorKind(
    "E-NOT-LOCAL",
    409,
    "The app is not local: it comes from a package or another org.",
    "Ask its publisher for an external client app; only local apps can be migrated.",
)
PUSH_INVALID = ErrorKind(
    "E-PUSH-INVALID",
    409,
    "The app's push settings are invalid, and with them a migration fails.",
    "Renew the Apple certificate, or replace the Android server key by a service account, in Push settings.",
)
NOT_ELIGIBLE = ErrorKind(
    "E-NOT-ELIGIBLE",
    409,
    "The app is not eligible for migration.",
    "Open the app: each reason is listed with its remedy.",
)
ALREADY_MIGRATED = ErrorKind(
    "E-ALREADY-MIGRATED",
    409,
    "The app has already been migrated.",
    "Go on with its external client app, or delete that one first.",
)
CONFIRM_LOCAL = ErrorKind(
    "E-CONFIRM-LOCAL",
    422,
    "It was not confirmed that the app is local.",
    "Confirm that the app is local, then migrate.",
)
CONFIRM_NO_USERNAME_PASSWORD = ErrorKind(
    "E-CONFIRM-NO-USERNAME-PASSWORD",
    422,
    "It was not confirmed that the app does not use the username-password flow.",
    "Confirm that the app does not use the username-password flow, then migrate.",
)
USERNAME_PASSWORD_SEEN = ErrorKind(
    "E-USERNAME-PASSWORD-SEEN",
    409,
    "Login History shows logins of this app with username and password.",
    "Move it to client credentials, or confirm against this evidence.",
)
EVIDENCE_AGAINST = ErrorKind(
    "E-EVIDENCE-AGAINST",
    409,
    "Something was found that must be confirmed for this app in so many words.",
    "Read the finding, then confirm against this evidence.",
)
MIGRATED_AGAIN = ErrorKind(
    "E-MIGRATED-AGAIN",
    409,
    "Another external client app of this name has been made since.",
    "Look at it first; if it is to go too, delete it on its own page.",
)
REHEARSAL_RUNNING = ErrorKind(
    "E-REHEARSAL-RUNNING",
    409,
    "A rehearsal of the org is running.",
    "Wait until it is done: it stands under Rehearsals in Setup.",
)
REHEARSAL_UNREADABLE = ErrorKind(
    "E-REHEARSAL-UNREADABLE",
    422,
    "The file holds no rehearsal.",
    "Make one with `changeover rehearse --json`, and name its file.",
)
BATCH_RUNNING = ErrorKind(
    "E-BATCH-RUNNING",
    409,
    "The batch is running.",
    "Wait until it is done, or stop it first.",
)
CONFIRM_DELETION = ErrorKind(
    "E-CONFIRM-DELETION",
    422,
    "The deletion was not confirmed.",
    "Read what will be lost, confirm, and delete.",
)
STALE_PAGE = ErrorKind(
    "E-STALE-PAGE",
    409,
    "The page shows an older state than the org holds.",
    "Load the page again, look at what has changed, and repeat.",
)
APP_READ_ONLY = ErrorKind(
    "E-APP-READ-ONLY",
    409,
    "The connected app has been migrated and is read-only.",
    "Make the change on its external client app.",
)
EXTERNAL_CLIENT_APP_THERE = ErrorKind(
    "E-EXTERNAL-CLIENT-APP-THERE",
    409,
    "The connected app cannot be deleted while its external client app is there.",
    "Delete the external client app first; the connected app then is active again.",
)
CREATION_OFF = ErrorKind(
    "E-CREATION-OFF",
    403,
    "Since Spring '26 connected apps can no longer be created.",
    "Create an external client app, or have Salesforce Support allow it and turn the exception on in Company"
    " Information.",
)
EXTERNAL_CLIENT_APP_NOT_FOUND = ErrorKind(
    "E-EXTERNAL-CLIENT-APP-NOT-FOUND",
    404,
    "No external client app has the name given.",
    "Check the API name in External Client App Manager.",
)
RECORD_NOT_FOUND = ErrorKind(
    "E-RECORD-NOT-FOUND", 404, "Nothing of the name given is in this org.", "Check the name and try again."
)
NAME_TAKEN = ErrorKind(
    "E-NAME-TAKEN", 409, "The name is taken.", "Choose another name, or change what has it."
)
CONSUMER_KEY_TAKEN = ErrorKind(
    "E-CONSUMER-KEY-TAKEN",
    409,
    "Another app of this org has the same consumer key.",
    "Remove one of the two apps, or take the key out of the file: the app then gets a new one.",
)
PART_TAKEN = ErrorKind(
    "E-PART-TAKEN",
    409,
    "The external client app has this part under another name.",
    "Give the file the name of the part that is there: an app has one of each kind.",
)
VALUE_REFUSED = ErrorKind(
    "E-VALUE-REFUSED", 422, "A value is missing or not allowed.", "Correct the value and save again."
)
PUSH_CREDENTIAL_UNREADABLE = ErrorKind(
    "E-PUSH-CREDENTIAL-UNREADABLE",
    422,
    "A push credential cannot be read.",
    "Check the file and its password, and give it again.",
)
IMPORTED_TWICE = ErrorKind(
    "E-IMPORTED-TWICE",
    409,
    "The same import holds two apps of one name.",
    "Keep one of the two files and import again.",
)
API_NAME_INVALID = ErrorKind(
    "E-API-NAME-INVALID",
    422,
    "An API name is none that Salesforce allows, or is the connected app's own.",
    "Begin with a letter; use letters, digits and single underscores, at most 80; end in no underscore.",
)
