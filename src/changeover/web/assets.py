"""Static files under names that change with their content, so that a browser may keep them for ever.

Every URL holds one version made from all files together and not one hash a file: the style sheet of the
Lightning Design System names its images by relative paths, which stay true under a common prefix.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from changeover.errors import ASSETS_MISSING, ChangeoverError

ROOT = Path(__file__).parent / "static"
STYLE_SHEET = "vendor/slds/styles/salesforce-lightning-design-system.min.css"
SCRIPT = "vendor/htmx/htmx.min.js"
ICONS = "vendor/slds/icons/{family}-sprite/svg/symbols.svg"
NEEDED = (STYLE_SHEET, SCRIPT, ICONS.format(family="utility"), ICONS.format(family="standard"))

_COMPRESSIBLE = frozenset({".css", ".js", ".svg", ".txt", ".json"})


class Asset(NamedTuple):
    """A static file as it is sent."""

    content: bytes
    compressed: bytes | None
    """The content in gzip, None where that would not make it smaller."""
    media_type: str


class Assets:
    """The static files of the pages.

    Args:
        root: the folder that holds them.

    Raises:
        ChangeoverError: `ASSETS_MISSING` if the design system or htmx is not there.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._files = {
            path.relative_to(root).as_posix(): path
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        missing = [name for name in NEEDED if name not in self._files]
        if missing:
            raise ChangeoverError(ASSETS_MISSING, f"The pages lack {', '.join(missing)}.")
        digest = hashlib.sha256()
        for name, path in self._files.items():
            digest.update(name.encode())
            digest.update(path.read_bytes())
        self.version = digest.hexdigest()[:16]
        self._load = lru_cache(maxsize=None)(self._read)

    def url(self, name: str) -> str:
        """Return the address of a file; ValueError for a name that is none of ours (a template's mistake)."""
        if name not in self._files:
            message = f"no such asset: {name}"
            raise ValueError(message)
        return f"/static/{self.version}/{name}"

    def icon(self, family: str, symbol: str) -> str:
        """Return the address of a symbol in one of the icon sprites (`utility`, `standard`)."""
        return f"{self.url(ICONS.format(family=family))}#{symbol}"

    def load(self, name: str) -> Asset | None:
        """Return a file, None if there is none of this name."""
        return self._load(name) if name in self._files else None

    def _read(self, name: str) -> Asset:
        path = self._files[name]
        content = path.read_bytes()
        compressed = None
        if path.suffix in _COMPRESSIBLE:
            smaller = gzip.compress(content, mtime=0)
            compressed = smaller if len(smaller) < len(content) else None
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Asset(content, compressed, media_type)
