"""A file written whole or not at all: under another name beside its place, and renamed once it is on disk."""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from changeover import errors
from changeover.errors import ChangeoverError

_OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR
_DRAFT = re.compile(r"\..+\.draft-[0-9a-f]{16}")
_ABANDONED = 3600
"""Seconds without a write after which a draft is a killed run's."""


@contextmanager
def whole_file(path: Path, *, overwrite: bool, owner: os.stat_result | None = None) -> Iterator[BinaryIO]:
    """Give a stream whose content is the file's once the block has ended well; only its owner may read it.

    Args:
        path: where the file goes. Its folder must be there: a missing one may be a disk that is not mounted.
        overwrite: whether a file that stands there is replaced. Until then it stays as it is.
        owner: of a file whose owner and group the new one gets; the process's own by default.

    Raises:
        ChangeoverError: E-OUTPUT-IN-THE-WAY, E-OUTPUT-FAILED. What stood there stands there still.
    """
    _check(path, overwrite=overwrite)
    draft = path.with_name(f".{path.name}.draft-{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(handle, "w+b") as stream:
            if owner is not None and (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _place(draft, path, overwrite=overwrite)
        _sync_folder(path.parent)
    except FileExistsError:
        raise _in_the_way(path, "a file of that name has been made meanwhile") from None
    except OSError as error:
        message = f"{path} could not be written: {error.strerror or error}."
        raise ChangeoverError(errors.OUTPUT_FAILED, message) from None
    finally:
        with suppress(OSError):
            draft.unlink()


def sweep(folder: Path, *, of: str = "", older_than: float = _ABANDONED) -> None:
    """Remove drafts that killed runs have left.

    Args:
        folder: where to look.
        of: name of the file whose drafts they are; any file's by default.
        older_than: seconds since the last write to them.
    """
    latest = time.time() - older_than
    with suppress(OSError):
        for file in folder.iterdir():
            if _DRAFT.fullmatch(file.name) and file.name.startswith(f".{of}.draft-" if of else "."):
                with suppress(OSError):
                    if file.lstat().st_mtime <= latest:
                        file.unlink()


def _check(path: Path, *, overwrite: bool) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        message = f"{path} could not be written: {error.strerror or error}."
        raise ChangeoverError(errors.OUTPUT_FAILED, message) from None
    if not stat.S_ISREG(mode):
        raise _in_the_way(path, "what stands there is no regular file")
    if not overwrite:
        raise _in_the_way(path, "a file of that name is there")


def _in_the_way(path: Path, says: str) -> ChangeoverError:
    message = f"{path} was not written: {says}."
    return ChangeoverError(errors.OUTPUT_IN_THE_WAY, message, "Choose another name, or move the file away.")


def _place(draft: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        draft.replace(path)
        return
    try:
        os.link(draft, path)  # unlike a rename it refuses where somebody was quicker
    except FileExistsError:
        raise
    except OSError:
        # A disk without hard links, such as a stick or a share.
        if path.exists():
            raise FileExistsError from None
        draft.replace(path)


def _sync_folder(folder: Path) -> None:
    """See that the name is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
