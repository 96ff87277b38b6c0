"""Whether there are metrics, and where processes that serve together count into."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping, MutableMapping

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


def count_together(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have the processes that this one starts count into files that all of them read.

    Where the operator has named a folder for them it is that one, and his to clear.
    """
    if metrics_token(environment) is None or environment.get(SHARED):
        return
    folder = tempfile.mkdtemp(prefix="changeover-metrics-")
    environment[SHARED] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
