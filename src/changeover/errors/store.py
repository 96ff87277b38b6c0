"""What the database, its keys and its backups refuse."""

from __future__ import annotations

from changeover.errors.kind import ErrorKind

STORE_BUSY = ErrorKind(
    "E-STORE-BUSY", 503, "The database is busy; nothing was changed.", "Try again in a moment."
)
STORE_FAILED = ErrorKind(
    "E-STORE-FAILED",
    503,
    "The database could not do what was asked of it; nothing was changed.",
    "See that the database's server runs, and that its disk has room and can be written, then try again;"
    " `changeover doctor` examines the database.",
)
STORE_UNCERTAIN = ErrorKind(
    "E-STORE-UNCERTAIN",
    503,
    "Connection or disk failed at the very end: the change is there as a whole, or not at all.",
    "Look at the record or at the Setup Audit Trail before you try again.",
)
STORE_UNREADABLE = ErrorKind(
    "E-STORE-UNREADABLE",
    500,
    "The database cannot be opened.",
    "Check the path and its rights, then run `changeover doctor`.",
)
STORE_SCHEMA = ErrorKind(
    "E-STORE-SCHEMA",
    500,
    "The database was written by a newer Changeover.",
    "Start the version of Changeover that wrote it, or a newer one.",
)
KEY_MISSING = ErrorKind(
    "E-KEY-MISSING",
    500,
    "The key that opens the stored secrets is missing or is another one.",
    "Put the key file back beside the database, or set CHANGEOVER_KEY to the key.",
)
SEAL_BROKEN = ErrorKind(
    "E-SEAL-BROKEN",
    500,
    "A stored secret was altered, or belongs to another record.",
    "Restore the database from a backup that you trust, and rotate the secret.",
)
KEY_OPEN = ErrorKind(
    "E-KEY-OPEN",
    500,
    "Others than the owner may read the key file.",
    "Run chmod 600 on the key file.",
)
KEY_IN_USE = ErrorKind(
    "E-KEY-IN-USE",
    409,
    "A key cannot be dropped while values are sealed with it.",
    "Run `changeover key rotate` to its end: it seals them with the current key; then retire the old one.",
)
KEY_ELSEWHERE = ErrorKind(
    "E-KEY-ELSEWHERE",
    409,
    "The keys are in CHANGEOVER_KEY, which Changeover can read but not change.",
    "Put a new key (`openssl rand -base64 32`) before the present one in CHANGEOVER_KEY, restart servers and"
    " workers with it, and run `changeover key rotate` again.",
)
BACKUP_BROKEN = ErrorKind(
    "E-BACKUP-BROKEN",
    400,
    "A file is no backup of Changeover, or it has been cut off or damaged.",
    "Take another backup, or fetch this one again from where it was kept; nothing of it was restored.",
)
BACKUP_FORGED = ErrorKind(
    "E-BACKUP-FORGED",
    400,
    "A backup was changed by somebody who does not have the key.",
    "Do not trust the file, nor the place where it was kept; restore another backup.",
)
BACKUP_NEWER = ErrorKind(
    "E-BACKUP-NEWER",
    400,
    "A backup was taken by a newer Changeover.",
    "Restore it with the version that took it, or a newer one.",
)
BACKUP_KEY = ErrorKind(
    "E-BACKUP-KEY",
    409,
    "A key that a backup needs is not here.",
    "Put the copy of the key, kept apart from backups, at its place, or behind the key that is there;"
    " if it is lost for good, --without-key goes on without what it sealed.",
)
RESTORE_NOT_EMPTY = ErrorKind(
    "E-RESTORE-NOT-EMPTY",
    409,
    "A backup is restored into an empty installation only.",
    "Name another folder with --data, or an empty database with --database.",
)
RESTORE_REFUSED = ErrorKind(
    "E-RESTORE-REFUSED",
    409,
    "The database did not take what a backup holds; nothing was restored.",
    "Look at the row named; if the file was never altered, report this with its manifest (its second line).",
)
