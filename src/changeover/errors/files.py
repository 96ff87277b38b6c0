"""What is wrong with files: apps, evidence, owners, packages, and what is written."""

from __future__ import annotations

from changeover.errors.kind import ErrorKind

XML_BROKEN = ErrorKind(
    "E-XML-BROKEN",
    400,
    "A file is not well-formed XML.",
    "Mend the file at the line named, or retrieve it again from the org.",
)
XML_DOCTYPE = ErrorKind(
    "E-XML-DOCTYPE",
    400,
    "A file declares a DOCTYPE, which Salesforce metadata never does.",
    "Remove the DOCTYPE; if you did not put it there, do not trust the file.",
)
XML_TOO_LARGE = ErrorKind(
    "E-XML-TOO-LARGE",
    400,
    "A file is larger or more deeply nested than any app's metadata.",
    "Check that the file is what its name says.",
)
FILE_NOT_AN_APP = ErrorKind(
    "E-FILE-NOT-AN-APP",
    400,
    "The root element of a file is not what its name says.",
    "Rename the file or retrieve it again.",
)
PATH_MISSING = ErrorKind(
    "E-PATH-MISSING", 404, "A path does not exist or cannot be read.", "Check the path and try again."
)
ZIP_REFUSED = ErrorKind(
    "E-ZIP-REFUSED",
    400,
    "A zip archive is broken, too large, or holds a path that leads out of it.",
    "Retrieve the package again; do not open an archive whose origin you do not know.",
)
EVIDENCE_UNKNOWN = ErrorKind(
    "E-EVIDENCE-UNKNOWN",
    400,
    "A file of evidence is of no kind that Changeover reads.",
    "Bring Setup's Login History, or what SOQL answers on LoginHistory or OauthToken, as CSV or JSON, or an"
    " event log file of the type Login or ApiTotalUsage; `docs/evidence.md` has the queries.",
)
EVIDENCE_ROWS = ErrorKind(
    "E-EVIDENCE-ROWS",
    400,
    "Rows of a file of evidence cannot be read.",
    "The others were counted. Look at the line named, or export the file again.",
)
LOGIN_HISTORY_UNREADABLE = ErrorKind(
    "E-LOGIN-HISTORY-UNREADABLE",
    400,
    "A file is not a Login History that Changeover can read.",
    "Give the CSV that Setup downloads, or the CSV or JSON answer of a SOQL query on LoginHistory.",
)
OUTPUT_IN_THE_WAY = ErrorKind(
    "E-OUTPUT-IN-THE-WAY",
    409,
    "A file that Changeover did not write stands where it would write.",
    "Choose an empty folder, or move the file away.",
)
APP_NOT_FOUND = ErrorKind(
    "E-APP-NOT-FOUND", 404, "No app has the name given.", "Check the API name in App Manager."
)
XML_ENCODING = ErrorKind(
    "E-XML-ENCODING",
    400,
    "A file is not written in UTF-8, the only encoding of Salesforce metadata.",
    "Save the file as UTF-8, or retrieve it again from the org.",
)
XML_UNWRITABLE = ErrorKind(
    "E-XML-UNWRITABLE",
    422,
    "A value or an element name cannot stand in an XML file.",
    "Remove the control character or the invalid name from the value named.",
)
PATH_REFUSED = ErrorKind(
    "E-PATH-REFUSED",
    400,
    "A file is a link that leads out of the folder, or its name cannot be read.",
    "Put the file itself into the folder, under a name in UTF-8.",
)
PROJECT_BROKEN = ErrorKind(
    "E-PROJECT-BROKEN",
    400,
    "The sfdx-project.json does not say which folders hold the packages.",
    "Mend packageDirectories in sfdx-project.json, or name one package folder as PATH.",
)
LOGIN_HISTORY_ROWS = ErrorKind(
    "E-LOGIN-HISTORY-ROWS",
    400,
    "Some rows of a Login History could not be read and were left out.",
    "Download the Login History again with English headings, or query it with SOQL.",
)
LOGINS_ONE_SIDED = ErrorKind(
    "E-LOGINS-ONE-SIDED",
    400,
    "Login Histories before and after a migration must show logins on both sides of it.",
    "Check --since, and give a Login History from before that moment and one downloaded since.",
)
OUTPUT_FAILED = ErrorKind(
    "E-OUTPUT-FAILED",
    500,
    "A file could not be written.",
    "Check the folder's permissions and the space on the disk; what stands there is whole.",
)
OUTPUT_IN_SOURCE = ErrorKind(
    "E-OUTPUT-IN-SOURCE",
    409,
    "The folder to write to is the one that is read.",
    "Choose a folder of its own for the result.",
)
ANSWER_LOST = ErrorKind(
    "E-ANSWER-LOST",
    507,
    "What a command prints could not be written where it was sent.",
    "Make room where the output goes, and run the command again: what it did is done, and done once.",
)
HEADER_MISSING = ErrorKind(
    "E-HEADER-MISSING",
    400,
    "Parts of an external client app are there, and its header is not.",
    "Retrieve the ExternalClientApplication of that name too, and import both together.",
)
UPLOAD_MISSING = ErrorKind(
    "E-UPLOAD-MISSING",
    422,
    "No file was chosen, or a file has a name that cannot be used.",
    "Choose one zip archive, or the files themselves.",
)
UPLOAD_GONE = ErrorKind(
    "E-UPLOAD-GONE",
    409,
    "The files that were looked at are no longer held: they were imported, or their time is over.",
    "Choose the files again.",
)
