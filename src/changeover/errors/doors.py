"""What a door refuses before an act is asked: addresses, requests, servers, processes."""

from __future__ import annotations

from changeover.errors.kind import ErrorKind

ASSETS_MISSING = ErrorKind(
    "E-ASSETS-MISSING",
    500,
    "Files that the pages need are not installed.",
    "Install the wheel, or run `python tools/assets.py` in a checkout.",
)
HOST_UNKNOWN = ErrorKind(
    "E-HOST-UNKNOWN",
    400,
    "A request came in under a host name that is not this server's.",
    "Open the address that the server printed when it started, or allow the name with --allow-host.",
)
PAGE_NOT_FOUND = ErrorKind(
    "E-PAGE-NOT-FOUND",
    404,
    "There is no page at this address.",
    "Look for the page in Quick Find, or go back to Setup Home.",
)
METHOD_NOT_ALLOWED = ErrorKind(
    "E-METHOD-NOT-ALLOWED",
    405,
    "The address does not take this kind of request.",
    "Go back and use the page's own buttons; over REST see the OpenAPI description.",
)
REQUEST_INVALID = ErrorKind(
    "E-REQUEST-INVALID",
    400,
    "A request holds a value that cannot be read, or lacks one.",
    "Correct the value named and try again.",
)
REQUEST_TOO_LARGE = ErrorKind(
    "E-REQUEST-TOO-LARGE",
    413,
    "A request holds more than is taken.",
    "Send less at once: split the package, or import the folder on the command line.",
)
FORM_STALE = ErrorKind(
    "E-FORM-STALE",
    403,
    "A form was not made for this browser, or its time is over.",
    "Open the page again and repeat what you did; cookies must be on.",
)
TOO_MANY_REQUESTS = ErrorKind(
    "E-TOO-MANY-REQUESTS",
    429,
    "More requests came in than are taken.",
    "Wait for the time that the answer names and try again.",
)
INTERNAL = ErrorKind(
    "E-INTERNAL",
    500,
    "Something went wrong that should not; nothing was changed.",
    "Try again; if it happens again, give the reference to whoever runs this server: it stands in the log.",
)
MEDIA_TYPE_REFUSED = ErrorKind(
    "E-MEDIA-TYPE",
    415,
    "The body of a request is of another kind than the address takes.",
    "Send the kind that the message names, and say so in Content-Type.",
)
VERSION_MISSING = ErrorKind(
    "E-VERSION-MISSING",
    428,
    "A change does not say which version of the record it was made for.",
    "Read the record, and send its ETag back as If-Match; `If-Match: *` changes whatever is there.",
)
API_ADDRESS_UNKNOWN = ErrorKind(
    "E-API-ADDRESS-UNKNOWN",
    404,
    "The API has nothing at this address.",
    "Look the address up in /api/v1/openapi.json; quote names in it.",
)
STAGED_THERE = ErrorKind(
    "E-STAGED-THERE",
    409,
    "The external client app has staged credentials already: one pair at a time.",
    "Rotate them, delete them, or wait until their 30 days are over.",
)
STAGED_UNFIT = ErrorKind(
    "E-STAGED-UNFIT",
    409,
    "These staged credentials cannot become the app's own.",
    "Delete them and stage new ones: only a pair that was never the app's own, whose time is not over and"
    " whose secret is there, can be rotated.",
)
ORG_UNKNOWN = ErrorKind(
    "E-ORG-UNKNOWN",
    404,
    "Which org a request is for cannot be told.",
    "Call the org's own address: its host (`acme.localhost`) or its path (`/org/acme`), by its My Domain.",
)
OTHER_ORG = ErrorKind(
    "E-OTHER-ORG",
    403,
    "The app asks for another org than the one you are signed in to.",
    "Sign out, and sign in as a user of that org.",
)
WORKER_LOST = ErrorKind(
    "E-WORKER-LOST",
    500,
    "A process that shared the work ended in the middle.",
    "Run the command again; what was written is whole. With little memory give it one processor, as with"
    " `taskset -c 0`.",
)
METRICS_TOKEN = ErrorKind(
    "E-METRICS-TOKEN",
    500,
    "The token for the metrics is none that would keep anybody out.",
    "Set CHANGEOVER_METRICS_TOKEN to 16 random characters or more (`openssl rand -hex 32`), or leave it out.",
)
ADDRESS_TAKEN = ErrorKind(
    "E-ADDRESS-TAKEN",
    500,
    "The server cannot listen on the address.",
    "Choose another port with --port (0 for any that is free), or stop what listens there.",
)
NOT_SERVED = ErrorKind(
    "E-NOT-SERVED",
    404,
    "No server of the installation runs on this machine.",
    "Start `changeover serve`, best with --https-port and --client-proxy, and leave it running.",
)
CERTIFICATE_UNREADABLE = ErrorKind(
    "E-CERTIFICATE-UNREADABLE",
    500,
    "A certificate or its key cannot be read.",
    "Name two PEM files with --certificate and --certificate-key, the key without a password; or leave both"
    " out, and Changeover makes its own.",
)
CERTIFICATE_MISMATCH = ErrorKind(
    "E-CERTIFICATE-MISMATCH",
    500,
    "A certificate and a key do not belong together.",
    "Name the key for which the certificate was issued; in a file of several certificates the server's own"
    " stands first.",
)
