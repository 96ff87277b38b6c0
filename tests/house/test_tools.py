"""What sets up a machine does each step once, and again when what it depends on has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import assets, prepare


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for stamps that is not .venv."""
    monkeypatch.setattr(prepare, "VENV", tmp_path)
    return tmp_path


def test_a_step_is_done_once_for_the_same_files(stamps: Path) -> None:
    lock = stamps / "x.lock"
    lock.write_text("a==1", encoding="utf-8")
    done: list[str] = []
    for _ in range(2):
        prepare.once("x", [lock], lambda: done.append("x"))
    assert done == ["x"]
    lock.write_text("a==2", encoding="utf-8")
    prepare.once("x", [lock], lambda: done.append("again"))
    prepare.once("y", [lock], lambda: done.append("another step"))
    assert done == ["x", "again", "another step"]


def test_a_step_that_failed_is_done_again(stamps: Path) -> None:
    lock = stamps / "x.lock"
    lock.write_text("a==1", encoding="utf-8")

    def fail() -> None:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        prepare.once("x", [lock], fail)
    done: list[str] = []
    prepare.once("x", [lock], lambda: done.append("x"))
    assert done == ["x"]


def test_a_debian_package_that_cannot_be_installed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="chromium"):
        prepare.debian("chromium")


def test_without_root_and_sudo_root_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="have root run `apt-get install python3-venv`"):
        prepare.debian("python3-venv")


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A repository without assets, whose node_modules/ is the real one."""
    shutil.copy(root / "package-lock.json", tmp_path)
    (tmp_path / "node_modules").symlink_to(root / "node_modules")
    (tmp_path / assets.VENDOR.parent).mkdir(parents=True)
    return tmp_path


def test_assets_are_brought_once(clone: Path) -> None:
    assert assets.ensure(clone)
    assert (clone / assets.VENDOR / "htmx" / "htmx.min.js").is_file()
    assert not assets.ensure(clone)


def test_other_packages_bring_other_assets(clone: Path) -> None:
    assets.ensure(clone)
    lock = clone / "package-lock.json"
    lock.write_text(lock.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (clone / assets.VENDOR / "htmx" / "left-over.js").touch()
    assert assets.ensure(clone)
    assert not (clone / assets.VENDOR / "htmx" / "left-over.js").exists()


def test_a_package_that_lacks_a_file_is_an_error(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = assets.Copy("htmx.org", "dist", "no-such-file.js", "htmx")
    monkeypatch.setattr(assets, "FILES", (*assets.FILES, gone))
    with pytest.raises(RuntimeError, match="no-such-file"):
        assets.ensure(clone)
    assert not (clone / assets.STAMP).exists()
