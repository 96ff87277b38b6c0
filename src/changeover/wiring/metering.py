"""Whether there are metrics, and where processes that serve together count into."""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from changeover import errors
from changeover.errors import ChangeoverError

TOKEN = "CHANGEOVER_METRICS_TOKEN"  # noqa: S105 - the name of a variable
SHARED = "PROMETHEUS_MULTIPROC_DIR"
SHORTEST = 16


def metrics_token(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return what whoever asks for metrics must bring, None where there are none. Raises E-METRICS-TOKEN."""
    token = environment.get(TOKEN, "").strip()
    if not token:
        return None
    if len(token) < SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        message = f"{TOKEN} is set, and is no token of {SHORTEST} characters or more without blanks."
        raise ChangeoverError(errors.METRICS_TOKEN, message)
    return token


def have_shared_folder(environment: Mapping[str, str] = os.environ) -> None:
    """Make the folder that the operator has named for counting, where it is missing. Raises E-OUTPUT-FAILED.

    Without it every request that is counted would fail: it may lie where a restart of the machine clears.
    """
    named = environment.get(SHARED, "")
    if not named:
        return
    try:
        Path(named).mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    except OSError as error:
        message = f"{named}, the folder of {SHARED}, cannot be made: {error.strerror or error}."
        raise ChangeoverError(errors.OUTPUT_FAILED, message) from None
    if not os.access(named, os.W_OK | os.X_OK):
        message = f"Nothing can be written into {named}, the folder of {SHARED}."
        raise ChangeoverError(errors.OUTPUT_FAILED, message)


def count_together(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have the processes that this one starts count into files that all of them read.

    Where the operator has named a folder for them it is that one, and his to clear.
    """
    if metrics_token(environment) is None or environment.get(SHARED):
        return
    folder = tempfile.mkdtemp(prefix="changeover-metrics-")
    environment[SHARED] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
