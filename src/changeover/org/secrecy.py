"""Documents without their secrets, and the secrets apart, to be sealed.

A secret element (`consumerSecret`) is left out of a document; a private key that someone pasted elsewhere
(into `certificate`, a description) leaves the mask in its place, because that something stands there matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import is_
from typing import TypeVar

from changeover.apps.building import from_leaves
from changeover.apps.document import Document, Leaf, leaves
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.secrets import MASK, hidden, is_secret
from changeover.apps.types import component
from changeover.migration.account import Account, Added, Entry, Target

D = TypeVar("D", bound=Document)


def secrets_of(document: Document) -> dict[str, str]:
    """Return the secrets of a document by path."""
    return dict(hidden(leaves(document)))


def bare(document: D) -> D:
    """Return a document without its secrets; the very same one where it has none."""
    return _without(document, secrets_of(document))


def _without(document: D, secrets: Mapping[str, str]) -> D:
    if not secrets:
        return document
    kept = (leaf for leaf in leaves(document) if leaf.path not in secrets or not is_secret(leaf.path))
    shown = (Leaf(leaf.path, MASK) if leaf.path in secrets else leaf for leaf in kept)
    return from_leaves(type(document), document.full_name, shown)


def apart(app: ExternalClientApp) -> tuple[ExternalClientApp, dict[str, str]]:
    """Return an external client app without the secrets of header and parts, and those by component and path.

    `App_part.suffix/path`.
    """
    secrets: dict[str, str] = {}

    def taken(document: D) -> D:
        found = secrets_of(document)
        if found:
            name = component(document)
            secrets.update({f"{name}/{path}": value for path, value in found.items()})
        return _without(document, found)

    return ExternalClientApp(header=taken(app.header), parts=tuple(map(taken, app.parts))), secrets


def bare_app(app: ExternalClientApp) -> ExternalClientApp:
    """Return an external client app without the secrets of its header and its parts."""
    return apart(app)[0]


def masked_account(account: Account) -> Account:
    """Return an account in which every secret is masked, on both sides; the same one where it has none."""
    secrets = frozenset(hidden(_told_in(account)))
    if not secrets:
        return account

    # Few are: what holds no secret stays the same object.
    def target(found: Target) -> Target:
        return found._replace(value=MASK) if (found.path, found.value) in secrets else found

    def entry(found: Entry) -> Entry:
        targets = tuple(map(target, found.targets))
        if (found.source, found.value) in secrets:
            return found._replace(value=MASK, targets=targets)
        return found if all(map(is_, targets, found.targets)) else found._replace(targets=targets)

    def added(found: Added) -> Added:
        shown = target(found.target)
        return found if shown is found.target else found._replace(target=shown)

    return Account(entries=tuple(map(entry, account.entries)), added=tuple(map(added, account.added)))


def _told_in(account: Account) -> Iterator[tuple[str, str]]:
    """Yield what an account tells of values: of its sources, and of their targets."""
    for source, _, value, targets, _ in account.entries:
        yield source, value
        for _, path, held in targets:
            yield path, held
    for (_, path, held), _, _ in account.added:
        yield path, held


def with_secrets(document: D, secrets: Mapping[str, str]) -> D:
    """Return a document with its secrets in place."""
    if not secrets:
        return document
    kept = (leaf for leaf in leaves(document) if leaf.path not in secrets)
    back = (Leaf(path, value) for path, value in secrets.items())
    return from_leaves(type(document), document.full_name, (*kept, *back))


def still_there(document: Document, secrets: Mapping[str, str]) -> dict[str, str]:
    """Return those of the stored secrets that a new version of a document has not done away with.

    A secret element that is absent stays as it was; a mask stands for what it hides, anything else has taken
    its place.
    """
    values = {leaf.path: leaf.value for leaf in leaves(document)}
    return {
        path: value
        for path, value in secrets.items()
        if (path not in values if is_secret(path) else values.get(path) == MASK)
    }
