"""The answer of `changeover assess --json`, written as a stream: one app in memory at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from changeover.apps.secrets import concealed, is_secret
from changeover.cli.assessed import Assessed
from changeover.errors import ChangeoverError
from changeover.metadata.file_error import FileError
from changeover.migration.account import Added, Entry, Target
from changeover.migration.finding import Finding, Verdict


class Encoded(NamedTuple):
    """One app as the document says it."""

    verdict: Verdict
    object: bytes


def encoded(one: Assessed) -> Encoded:
    """Return what the document says of one app, secrets masked."""
    return Encoded(one.assessment.verdict, msgspec.json.encode(app_object(one)))


def write_json(apps: Iterable[Encoded], errors: Callable[[], tuple[FileError, ...]]) -> set[Verdict]:
    """Write the whole document to standard output.

    Args:
        apps: taken one by one.
        errors: what was wrong with files; asked when all apps have been read.

    Returns:
        The verdicts that occurred.
    """
    out = sys.stdout.buffer
    verdicts = set()
    out.write(b'{"apps": [')
    for nth, app in enumerate(apps):
        verdicts.add(app.verdict)
        out.write(b",\n" if nth else b"\n")
        out.write(app.object)
    out.write(b'\n], "errors": [')
    for nth, error in enumerate(errors()):
        out.write(b",\n" if nth else b"\n")
        out.write(msgspec.json.encode(error_object(error)))
    out.write(b"\n]}\n")
    out.flush()
    return verdicts


def app_object(one: Assessed) -> dict[str, Any]:
    """Return what the document says of one app."""
    return {
        "api_name": one.app.full_name,
        "label": one.app.label,
        "path": one.path,
        "verdict": one.assessment.verdict,
        "findings": [_finding(finding) for finding in one.findings],
        "not_visible": [
            {"rule": hidden.rule, "where_to_look": hidden.where_to_look}
            for hidden in one.assessment.not_visible
        ],
        "account": [_entry(entry) for entry in one.account.entries],
        "added": [_added(added) for added in one.account.added],
    }


def error_object(error: ChangeoverError) -> dict[str, Any]:
    """Return what the document says of an error: of one in a file with its path and line."""
    path, line = (error.path, error.line) if isinstance(error, FileError) else (None, None)
    return {
        "path": path,
        "line": line,
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "status": finding.status,
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "source": finding.source,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    # What was made of a secret is a secret, whatever its place is called.
    hidden = is_secret(entry.source)
    said = [_shown(target, hidden=hidden) for target in entry.targets]
    to: str | list[str] | None = said if len(said) > 1 else said[0] if said else None
    return {
        "source": entry.source,
        "kind": entry.kind,
        "targets": [str(target) for target in entry.targets],
        "from": concealed(entry.value, secret=hidden),
        "to": to,
        "note": entry.note,
    }


def _added(added: Added) -> dict[str, str]:
    return {"target": str(added.target), "value": _shown(added.target), "why": added.why}


def _shown(target: Target, *, hidden: bool = False) -> str:
    return concealed(target.value, secret=hidden or is_secret(target.path))
