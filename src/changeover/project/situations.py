"""What is known of a connected app beside its own file, from files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice

from changeover.migration.situation import LoginEvidence, Neighbour, Situation
from changeover.project.index import AppFile, Index
from changeover.project.login_history import LoginHistory
from changeover.project.usage import Usage

USER_PROVISIONING = "UserProvisioningConfig"
MAX_NAMED = 20
"""Other apps and files that a situation names at most, of each kind."""


def situation_of(
    app: AppFile, index: Index, logins: LoginHistory | None, today: date, usage: Usage | None = None
) -> Situation:
    """Return the situation of a connected app in a tree.

    Args:
        app: the app's file.
        index: the first pass over the tree that holds it.
        logins: what was read from Login History, None if none was given.
        today: the day on which rules with a date are judged.
        usage: what was read of other evidence, None if none was given.
    """
    references = index.references_to(app.full_name)
    return Situation(
        today=today,
        in_org=False,
        neighbour=_neighbour(app, index),
        logins=_evidence(app, index, logins),
        login_history_empty=logins is not None and logins.window is None,
        usage=usage.evidence(app.label, _shared_label(app, index)) if usage is not None else None,
        username_password_blocked=index.username_password_blocked,
        user_provisioning=_user_provisioning(app, index),
        references=references,
        same_name=_few(
            other.path for other in index.by_name[app.full_name.casefold()] if other.path != app.path
        ),
        leftover_parts=_leftover_parts(app, index),
        key_used_in=_key_used_in(app, index),
    )


def _neighbour(app: AppFile, index: Index) -> Neighbour | None:
    files = index.external_client_app(app.full_name)
    if files is None or not files.headers:
        return None
    keys = files.consumer_keys
    if app.consumer_key in keys:
        return Neighbour(api_name=files.name, consumer_key=app.consumer_key)
    return Neighbour(api_name=files.name, consumer_key=keys[0] if keys else None)


def _leftover_parts(app: AppFile, index: Index) -> tuple[str, ...]:
    files = index.external_client_app(app.full_name)
    return tuple(files.parts) if files is not None and not files.headers else ()


def _key_used_in(app: AppFile, index: Index) -> tuple[str, ...]:
    if not app.consumer_key:
        return ()
    return _few(
        f"{other.full_name} ({other.path})"
        for other in index.by_key.get(app.consumer_key, ())
        if other.path != app.path
    )


def _user_provisioning(app: AppFile, index: Index) -> bool | None:
    """True or False where a UserProvisioningConfig names the app; no file proves nothing."""
    switches = [
        leaf.value == "true"
        for reference in index.references_to(app.full_name)
        if reference.kind == USER_PROVISIONING
        for leaf in reference.context
        if leaf.path == "enabled"
    ]
    return any(switches) if switches else None


def _evidence(app: AppFile, index: Index, logins: LoginHistory | None) -> LoginEvidence | None:
    return None if logins is None else logins.evidence(app.label, _shared_label(app, index))


def _shared_label(app: AppFile, index: Index) -> tuple[str, ...]:
    own = app.full_name.casefold()
    return _few(name for name in index.by_label.get(app.label, ()) if name.casefold() != own)


def _few(names: Iterable[str]) -> tuple[str, ...]:
    # Where thousands of apps share a name or a key, naming each of them at each of them would never end.
    return tuple(islice(names, MAX_NAMED))
