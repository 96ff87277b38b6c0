"""Doctor: whether what an installation holds agrees with itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.org.assessing import assess_record
from changeover.org.model.orgs import Org
from changeover.org.permissions import Permission
from changeover.org.ports import Unit, Units


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    """What to do where it is not in order."""


def examine(units: Units) -> Iterator[Check]:
    """Look at every org, and say what is and what is not in order. Changes nothing."""
    with units.read() as unit:
        orgs = unit.orgs.list()
        names = ", ".join(org.name for org in orgs)
        yield Check(
            name="orgs",
            ok=bool(orgs),
            detail=f"{len(orgs)}: {names}." if orgs else "There is no org yet.",
            remedy="" if orgs else "Run `changeover org create`.",
        )
        for org in orgs:
            for check in ORG_CHECKS:
                yield check(unit, org)


def administrators(unit: Unit, org: Org) -> Check:
    """Someone must be able to manage users."""
    count = len(unit.users.with_permission(org.org_id, Permission.MANAGE_USERS.value))
    return Check(
        name=f"{org.name}: administrators",
        ok=count > 0,
        detail=f"{count} active users may manage users.",
        remedy="" if count else "Restore the database from a backup: nobody can manage this org.",
    )


def pairs(unit: Unit, org: Org) -> Check:
    """Each migrated app has its external client app, and each of those that were made has its own."""
    alone = []
    for api_name in unit.apps.names(org.org_id):
        record = unit.apps.get(org.org_id, api_name)
        if record is None or not record.read_only:
            continue
        made = unit.external.get(org.org_id, api_name)
        if made is None or made.connected_app != record.api_name:
            alone.append(api_name)
    for api_name in unit.external.names(org.org_id):
        made = unit.external.get(org.org_id, api_name)
        if made is None or made.connected_app is None:
            continue
        source = unit.apps.get(org.org_id, made.connected_app)
        if source is None or not source.read_only:
            alone.append(api_name)
    return Check(
        name=f"{org.name}: migrated apps and external client apps",
        ok=not alone,
        detail=f"Half a pair: {', '.join(alone[:10])}." if alone else "Every one has its other.",
        remedy="Report this with the audit trail: it must not happen." if alone else "",
    )


def verdicts(unit: Unit, org: Org) -> Check:
    """What is stored is what the rules say today."""
    wrong, count = [], 0
    for api_name in unit.apps.names(org.org_id):
        record = unit.apps.get(org.org_id, api_name)
        if record is None:
            continue
        count += 1
        said: Verdict = assess_record(unit, org, record).verdict
        if said is not record.verdict:
            wrong.append(api_name)
    return Check(
        name=f"{org.name}: verdicts",
        ok=not wrong,
        detail=f"Not as the rules say: {', '.join(wrong[:10])}."
        if wrong
        else f"{count} apps, all as the rules say.",
        remedy="Start Changeover again: it makes verdicts anew where the rules have changed."
        if wrong
        else "",
    )


def secrets(unit: Unit, org: Org) -> Check:
    """Everything sealed opens with the key that is here."""
    opened = 0
    try:
        for api_name in unit.apps.names(org.org_id):
            record = unit.apps.get(org.org_id, api_name)
            if record is None:
                continue
            opened += unit.apps.secret(record.app_id) is not None
            for settings in unit.push.list(record.app_id):
                opened += bool(unit.push.credentials(record.app_id, settings.service))
        for api_name in unit.external.names(org.org_id):
            made = unit.external.get(org.org_id, api_name)
            opened += made is not None and unit.external.secret(made.app_id) is not None
            staged = unit.staged.of(made.app_id) if made is not None else None
            opened += staged is not None and unit.staged.secret(staged) is not None
        opened += unit.oauth.signing_key(org.org_id) is not None
    except ChangeoverError as error:
        return Check(name=f"{org.name}: secrets", ok=False, detail=error.message, remedy=error.remedy)
    return Check(name=f"{org.name}: secrets", ok=True, detail=f"{opened} sealed secrets open.")


ORG_CHECKS: tuple[Callable[[Unit, Org], Check], ...] = (administrators, pairs, verdicts, secrets)
