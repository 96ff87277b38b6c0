"""Where an installation is served on this machine: written by the server, read by `changeover org env`."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

FILE = "serving.json"


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server can be reached."""

    address: str
    """Of plain http."""
    base_url: str | None = None
    """The one that was set, under which clients come."""
    https_address: str | None = None
    client_proxy: str | None = None
    ca_file: str | None = None
    """What clients are told to trust; None where https is not served, or with a certificate of others."""
    pid: int = msgspec.field(default_factory=os.getpid)

    @property
    def alive(self) -> bool:
        """Whether the process is there that wrote it, as far as can be told."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True


def encode(whereabouts: Whereabouts) -> bytes:
    """Return the content of the file."""
    return msgspec.json.encode(whereabouts)


def whereabouts_in(folder: Path) -> Whereabouts | None:
    """Return where the installation in a folder is served, None where no server of it runs here."""
    with suppress(OSError, msgspec.MsgspecError):
        found = msgspec.json.decode((folder / FILE).read_bytes(), type=Whereabouts)
        return found if found.alive else None
    return None
