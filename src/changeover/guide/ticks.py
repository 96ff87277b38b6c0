"""What `changeover verify --json` found of each app: which lines of the runbook are ticked off."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import ijson  # type: ignore[import-untyped]  # it brings no type hints

from changeover.errors import VERIFICATION_UNREADABLE
from changeover.metadata.file_error import FileError
from changeover.migration.comparison.compare import DRIFT
from changeover.migration.verification import Status

MOST_LINES = 10
"""Differences of an app that the guide names."""


class Tick(NamedTuple):
    """What was found of one app."""

    status: Status
    differences: tuple[str, ...]
    """What is drift, a line each, at most `MOST_LINES`."""
    more: int
    """How many further ones there are."""


def read_ticks(paths: Iterable[Path]) -> dict[str, Tick]:
    """Read answers of `changeover verify --json`, by API name without case; a later file wins.

    Raises:
        FileError: VERIFICATION_UNREADABLE.
    """
    found: dict[str, Tick] = {}
    for path in paths:
        before = len(found)
        try:
            with path.open("rb") as stream:
                for app in ijson.items(stream, "apps.item", use_float=True):
                    found[str(app["api_name"]).casefold()] = _tick(app)
            if len(found) == before and not _has_apps(path):
                raise FileError(VERIFICATION_UNREADABLE, path.name, None, "it has no list of apps.")
        except OSError as error:
            says = f"{error.strerror or 'it cannot be read'}."
            raise FileError(VERIFICATION_UNREADABLE, path.name, None, says) from None
        except (ijson.JSONError, UnicodeDecodeError):
            says = "it is no JSON, or it is cut off."
            raise FileError(VERIFICATION_UNREADABLE, path.name, None, says) from None
        except (KeyError, TypeError, ValueError) as error:
            raise FileError(VERIFICATION_UNREADABLE, path.name, None, f"an app lacks {error}.") from None
    return found


def _has_apps(path: Path) -> bool:
    with path.open("rb") as stream:
        return any(True for _ in ijson.items(stream, "apps"))


def _tick(app: dict[str, Any]) -> Tick:
    drift = [line for line in app["lines"] if line["outcome"] in {one.value for one in DRIFT}]
    told = tuple(_told(line) for line in drift[:MOST_LINES])
    return Tick(Status(app["status"]), told, len(drift) - len(told))


def _told(line: dict[str, Any]) -> str:
    where = f"{line['component']}/{line['path']}"
    if line["expected"] is None:
        return f"{where}: found {line['found']}, expected nothing"
    if line["found"] is None:
        return f"{where}: expected {line['expected']}, found nothing"
    return f"{where}: expected {line['expected']}, found {line['found']}"
