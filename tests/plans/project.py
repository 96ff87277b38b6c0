"""A project of files that plans are made of, and a shell beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from click.testing import CliRunner

from changeover.cli.main import main
from tests.cli.org_commands import Said
from tests.project.files import connected_app, found, lay

BOTH = ("--confirm-local", "--confirm-no-username-password")
SECRET = "<consumerSecret>NobodyMaySeeThis</consumerSecret>"
CANVAS = (
    "<canvasConfig><accessMethod>Get</accessMethod><canvasUrl>https://c.example.com</canvasUrl></canvasConfig>"
    "<mobileAppConfig><devicePlatform>ios</devicePlatform></mobileAppConfig>"
)


def run(*args: str | Path) -> Said:
    """Run a command."""
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def source(root: Path) -> Path:
    """Lay three apps: two that may be migrated, of which one has a secret, and one that is blocked."""
    return lay(
        root,
        {
            "connectedApps/Billing.connectedApp-meta.xml": connected_app(config=SECRET),
            "connectedApps/Portal.connectedApp-meta.xml": connected_app("Portal", "3MVG9.Portal"),
            "connectedApps/Tile.connectedApp-meta.xml": connected_app("Tile", "3MVG9.Tile", more=CANVAS),
        },
    )


def planned(folder: Path, *args: str | Path) -> Path:
    """Plan the project in a folder; return the plan."""
    said = run("plan", folder / "src", "-o", folder / "plan.json", *args)
    assert said.code in {0, 2}, said.err
    return folder / "plan.json"


def tree(root: Path) -> str:
    """Return a hash of all there is in a folder: files, folders, contents."""
    if not root.exists():
        return "nothing"
    told = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        told.update(f"{path.relative_to(root)}\n".encode())
        told.update(path.read_bytes() if path.is_file() else b"folder")
    return told.hexdigest()


def files(root: Path) -> dict[str, bytes]:
    """Return what a run left, without what a killed one could not name."""
    return {path: data for path, data in found(root).items() if ".changeover-" not in path}
