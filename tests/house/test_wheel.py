"""The wheel holds all that the product needs, and runs without the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from changeover.errors import ASSETS_MISSING, ChangeoverError
from changeover.web.assets import Assets


@pytest.fixture(scope="module")
def unpacked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the repository, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")  # made a moment ago, by ourselves
    return folder / "unpacked"


def test_every_file_of_the_package_is_in_it(root: Path, unpacked: Path) -> None:
    source = root / "src" / "changeover"
    wanted = {
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {
        path.relative_to(unpacked / "changeover")
        for path in (unpacked / "changeover").rglob("*")
        if path.is_file()
    }
    assert held == wanted


def test_assets_come_with_their_licences(unpacked: Path) -> None:
    vendor = unpacked / "changeover" / "web" / "static" / "vendor"
    for licence, words in {
        "slds/styles/License-for-Sass.txt": "Redistribution and use in source and binary forms",
        "slds/icons/License-for-icons.txt": "Attribution-NoDerivatives 4.0",
        "slds/images/License-for-images.txt": "Attribution-NoDerivatives 4.0",
        "htmx/LICENSE": "Zero-Clause BSD",
    }.items():
        assert words in (vendor / licence).read_text(encoding="utf-8")
    (metadata,) = unpacked.glob("changeover-*.dist-info")
    assert {path.name for path in (metadata / "licenses").iterdir()} == {"LICENSE", "NOTICE"}


def test_assets_are_what_npm_brought(root: Path, unpacked: Path) -> None:
    vendor = unpacked / "changeover" / "web" / "static" / "vendor"
    assets = root / "node_modules" / "@salesforce-ux" / "design-system" / "assets"
    for path in (vendor / "slds" / "icons").rglob("*.svg"):
        assert path.read_bytes() == (assets / path.relative_to(vendor / "slds")).read_bytes()
    sprites = {path.parent.parent.name for path in (vendor / "slds" / "icons").rglob("symbols.svg")}
    assert sprites == {f"{name}-sprite" for name in ("action", "custom", "doctype", "standard", "utility")}


def test_without_assets_no_page_is_served(root: Path, tmp_path: Path) -> None:
    source = root / "src" / "changeover" / "web" / "static"
    shutil.copytree(source, tmp_path / "static", ignore=shutil.ignore_patterns("htmx"))
    with pytest.raises(ChangeoverError, match="htmx") as refused:
        Assets(tmp_path / "static")
    assert refused.value.kind is ASSETS_MISSING


def test_it_runs_from_elsewhere(unpacked: Path, tmp_path: Path) -> None:
    """What is imported then is the wheel's, not the repository's."""
    code = "import changeover.cli.main as m; print(m.__file__); m.main(['--version'])"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    file, version = answer.stdout.splitlines()
    assert Path(file).is_relative_to(unpacked)
    assert "0.1.0" in version
