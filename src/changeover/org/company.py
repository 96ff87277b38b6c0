"""Company Information: the org's name, edition and switches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from changeover.org import audit
from changeover.org.act import act
from changeover.org.assessing import reassess_label
from changeover.org.model.orgs import Actor, Edition, Org
from changeover.org.own import own_org, refuse_stale
from changeover.org.permissions import CUSTOMIZE, SETUP
from changeover.org.ports import Unit
from changeover.org.values import one_of, refuse, required

SWITCHES = frozenset(field.name for field in fields(Org) if field.type == "bool")
USERNAME_PASSWORD = "OauthUsernamePassword"  # noqa: S105 - the name of a flow
_MY_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?")


@act(SETUP, "look at Company Information")
def view_org(unit: Unit, actor: Actor) -> Org:
    """Return the org."""
    return own_org(unit, actor)


def checked_my_domain(text: str) -> str:
    """Return a My Domain name: `acme`, of `acme.my.salesforce.com`. Raises E-VALUE-REFUSED."""
    name = required("My Domain", text).lower()
    if not _MY_DOMAIN.fullmatch(name):
        raise refuse("My Domain", "small letters, digits and hyphens, as acme of acme.my.salesforce.com.")
    return name


@act(CUSTOMIZE, "edit Company Information")
def edit_org(unit: Unit, actor: Actor, changes: Mapping[str, str | bool], *, seen_version: int | None) -> Org:
    """Change name, edition, My Domain and switches of the org.

    Args:
        unit: the transaction.
        actor: who edits.
        changes: by the names of `Org`'s fields: `edition`, `enterprise_admitted`.
        seen_version: the version that the page showed.

    Raises:
        ChangeoverError: E-VALUE-REFUSED, E-STALE-PAGE, E-NAME-TAKEN.
    """
    org = own_org(unit, actor)
    refuse_stale(org.name, org.version, seen_version)
    values = {name: _checked(name, value) for name, value in changes.items()}
    edited = replace(org, **values)
    if edited == org:
        return org
    edited = replace(edited, version=org.version + 1)
    unit.orgs.save(edited)
    if edited.username_password_blocked != org.username_password_blocked:
        # No other field bears on a verdict or on what is confirmed, this one only where the flow was seen.
        for label in unit.logins.labels(org.org_id, USERNAME_PASSWORD):
            reassess_label(unit, actor.org_id, label)
    changed = sorted(name for name in values if getattr(org, name) != getattr(edited, name))
    audit.record(
        unit,
        actor,
        audit.Event.ORG_EDITED,
        org.name,
        f"Changed Company Information: {', '.join(changed)}.",
        before={name: getattr(org, name) for name in changed},
        after={name: getattr(edited, name) for name in changed},
    )
    return edited


def _checked(name: str, value: str | bool) -> Any:  # noqa: ANN401, FBT001 - the type of the field it is for
    if name in SWITCHES:
        if not isinstance(value, bool):
            raise refuse(name, "this is on or off.")
        return value
    if not isinstance(value, str):
        raise refuse(name, "this takes a text.")
    if name == "name":
        return required("name", value)
    if name == "edition":
        return Edition(one_of("edition", value, [edition.value for edition in Edition]))
    if name == "my_domain":
        return checked_my_domain(value)
    raise refuse(name[:60], "Company Information has no such field.")
