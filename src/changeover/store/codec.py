"""Documents and accounts as JSON, and the secrets taken out of them before they are stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document, Leaf, leaves
from changeover.apps.external_client_app import ExternalClientApp, ExternalClientApplication, Part
from changeover.apps.types import BY_DOCUMENT, BY_NAME, component
from changeover.migration.account import Account, Added, Entry, Kind, Target
from changeover.org.secrecy import still_there, with_secrets

Json = Any
D = TypeVar("D", bound=Document)

CONSUMER_SECRET = "oauthConfig/consumerSecret"  # noqa: S105 - where it stands
"""Among the secrets of a connected app."""
_CONSUMER = ".ecaGlblOauth/consumerSecret"
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder()


class Written(str):
    """JSON that is written already: `write_json` takes it as it is."""

    __slots__ = ()


def write_json(value: Json) -> str:
    """Return JSON as the database keeps it; every column of JSON is written by it.

    Documents are searched by how they are spaced (`store.app_access`), and those of before had blanks.
    """
    return value if type(value) is Written else _text(value)


def _text(value: Json) -> str:
    try:
        return _ENCODER.encode(value).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can escape and UTF-8 cannot hold.
        return json.dumps(value)


def read_json(stored: str | bytes) -> Json:
    """Return what a column of JSON holds. Raises ValueError."""
    try:
        return _DECODER.decode(stored)
    except msgspec.DecodeError:
        # As above; and what a number may be is seen more narrowly there.
        return json.loads(stored)


def leaves_to_json(found: Iterable[Leaf]) -> Json:
    """Return leaves as pairs of path and value."""
    # A leaf is a pair already, and JSON writes tuples as lists.
    return list(found)


def connected_app_from_json(full_name: str, stored: Json) -> ConnectedApp:
    """Build a connected app from stored leaves."""
    return from_leaves(ConnectedApp, full_name, map(Leaf._make, stored))


def app_to_json(app: ExternalClientApp) -> Written:
    """Return an external client app as a list of documents: type, full name, leaves."""
    documents = [
        {
            "type": BY_DOCUMENT[type(document)].name,
            "name": document.full_name,
            "leaves": leaves_to_json(leaves(document)),
        }
        for document in app.documents
    ]
    return Written(_text(documents))


def app_from_json(stored: Json) -> ExternalClientApp:
    """Build an external client app from what `app_to_json` made."""
    documents = [
        from_leaves(BY_NAME[entry["type"]].document, entry["name"], map(Leaf._make, entry["leaves"]))
        for entry in stored
    ]
    header = next(document for document in documents if isinstance(document, ExternalClientApplication))
    return ExternalClientApp(
        header=header, parts=tuple(document for document in documents if isinstance(document, Part))
    )


def put_app_secrets(app: ExternalClientApp, secrets: Mapping[str, str]) -> ExternalClientApp:
    """Return an external client app with its secrets put back."""
    by_component: dict[str, dict[str, str]] = {}
    for name, value in secrets.items():
        part_name, path = name.split("/", 1)
        by_component.setdefault(part_name, {})[path] = value
    header = with_secrets(app.header, by_component.get(component(app.header), {}))
    parts = (with_secrets(part, by_component.get(component(part), {})) for part in app.parts)
    return ExternalClientApp(header=header, parts=tuple(parts))


def app_secrets_still_there(app: ExternalClientApp, secrets: Mapping[str, str]) -> dict[str, str]:
    """Return those of the stored secrets that a new version of an app has not done away with."""
    kept: dict[str, str] = {}
    for document in app.documents:
        head = f"{component(document)}/"
        mine = {name.removeprefix(head): value for name, value in secrets.items() if name.startswith(head)}
        kept |= {f"{head}{path}": value for path, value in still_there(document, mine).items()}
    return kept


def consumer_secret_in(secrets: Mapping[str, str]) -> str | None:
    """Return the consumer secret among the secrets of an external client app."""
    return next((value for name, value in secrets.items() if name.endswith(_CONSUMER)), None)


def secrets_to_bytes(secrets: Mapping[str, str]) -> bytes:
    """Return secrets as the bytes that are sealed."""
    return json.dumps(secrets, sort_keys=True).encode()


def secrets_from_bytes(clear: bytes) -> dict[str, str]:
    """Read what `secrets_to_bytes` made."""
    # As text: of bytes it would guess the encoding first.
    found: dict[str, str] = json.loads(clear.decode())
    return found


def account_to_json(account: Account) -> Written:
    """Return an account as JSON; its secrets are masked.

    An app has dozens of entries, so they are lists without names; the few reasons for what was added stand
    once.
    """
    whys = list(dict.fromkeys((added.why, added.decision) for added in account.added))
    at = {why: place for place, why in enumerate(whys)}
    content = {
        "entries": account.entries,
        "whys": whys,
        "added": [(*added.target, at[added.why, added.decision]) for added in account.added],
    }
    return Written(_text(content))


def account_from_json(stored: Json) -> Account:
    """Read what `account_to_json` made, or once made."""
    if "whys" not in stored:
        return _account_with_names(stored)
    return Account(
        entries=tuple(
            Entry(source, Kind(kind), value, _targets(targets), note)
            for source, kind, value, targets, note in stored["entries"]
        ),
        added=tuple(
            Added(Target(component, path, value), *stored["whys"][why])
            for component, path, value, why in stored["added"]
        ),
    )


def _targets(stored: Json) -> tuple[Target, ...]:
    return tuple(Target(component, path, value) for component, path, value in stored)


def _account_with_names(stored: Json) -> Account:
    """Read an account in the form of before, which stays where it was written."""
    return Account(
        entries=tuple(
            Entry(
                source=entry["source"],
                kind=Kind(entry["kind"]),
                value=entry["value"],
                targets=_targets(entry["targets"]),
                note=entry["note"],
            )
            for entry in stored["entries"]
        ),
        added=tuple(
            Added(target=Target(*added["target"]), why=added["why"], decision=added.get("decision"))
            for added in stored["added"]
        ),
    )
