"""A deployment: deletions before, components, deletions after; all of it or nothing of it.

With rollbackOnError it is one transaction, in which everything is tried, so that every problem is told at
once; one failure takes all back. Without it each group that belongs together is a transaction of its own. A
check (checkOnly) is the very same in one transaction that never commits (`org.trial`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from changeover import errors
from changeover.apps.external_client_app import ExternalClientApplication, Part
from changeover.apps.types import TYPES
from changeover.errors import ChangeoverError
from changeover.org.deploying import Deployed
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit, Units
from changeover.org.trial import Trial
from changeover.org.values import ValueRefused
from changeover.salesforce.metadata.deployment.contents import Contents, Deletion, SentItem
from changeover.salesforce.metadata.deployment.messages import DeployMessage, failure
from changeover.salesforce.metadata.deployment.options import DeployOptions
from changeover.salesforce.metadata.kinds import BY_NAME, KINDS, ItemRefused
from changeover.salesforce.metadata.kinds.user_provisioning import UserProvisioningConfigs

Step = Callable[[Unit, Actor], list[DeployMessage]]
"""One group that belongs together: what became of each of it. It raises nothing that is a refusal."""

_ORDER = {kind.name: nth for nth, kind in enumerate(KINDS)}


HEADER = ExternalClientApplication.__name__
PARTS = frozenset(entry.name for entry in TYPES if issubclass(entry.document, Part))
_CODES = {errors.PART_TAKEN: "DUPLICATE_VALUE", errors.NAME_TAKEN: "DUPLICATE_DEVELOPER_NAME"}
"""Salesforce's own codes, where its users quote them."""


class _TakenBack(Exception):  # noqa: N818 - no error: it ends the transaction
    """Makes the store roll back what was tried."""


@dataclass(frozen=True, kw_only=True)
class DeployOutcome:
    """What became of a deployment."""

    messages: tuple[DeployMessage, ...]
    taken_back: bool
    """Whether nothing of it lasts because something failed."""

    @property
    def failures(self) -> tuple[DeployMessage, ...]:
        """What failed."""
        return tuple(one for one in self.messages if not one.success)

    @property
    def successes(self) -> tuple[DeployMessage, ...]:
        """What went well, or would have."""
        return tuple(one for one in self.messages if one.success)


def run(units: Units, actor: Actor, contents: Contents, options: DeployOptions) -> DeployOutcome:
    """Deploy a package.

    Args:
        units: where transactions come from.
        actor: who deploys; each component takes the permissions of its own act.
        contents: the package.
        options: how.
    """
    found = list(contents.failures)
    steps = _steps(contents)
    if options.rollback_on_error or options.check_only:
        taken_back = False
        where = Trial(units) if options.check_only else units
        try:
            with where.unit() as unit:
                for step in steps:
                    found += step(unit, actor)
                taken_back = options.rollback_on_error and any(not one.success for one in found)
                _lasts(not taken_back)
        except _TakenBack:
            pass
        return DeployOutcome(messages=(*found, _package_row(contents)), taken_back=taken_back)
    for step in steps:
        try:
            with units.unit() as unit:
                done = step(unit, actor)
                found += done
                _lasts(all(one.success for one in done))
        except _TakenBack:
            pass
    return DeployOutcome(messages=(*found, _package_row(contents)), taken_back=False)


def _lasts(well: bool) -> None:  # noqa: FBT001 - whether it does
    if not well:
        raise _TakenBack


def _package_row(contents: Contents) -> DeployMessage:
    """Return the row of package.xml, which clients expect among those that went well."""
    return DeployMessage(
        type_name="", full_name="package.xml", file_name=contents.package_file, success=True, changed=True
    )


def _steps(contents: Contents) -> Sequence[Step]:
    """Return deletions before, components, deletions after, each in an order in which they can go."""
    groups: dict[str, list[SentItem]] = {}
    for sent in sorted(contents.items, key=lambda one: _ORDER[one.item.type_name]):
        groups.setdefault(BY_NAME[sent.item.type_name].belongs_to(sent.item), []).append(sent)
    return [
        *_deletions(contents.before),
        *(partial(_write, group) for group in groups.values()),
        *_deletions(contents.after),
    ]


def _deletions(deletions: Sequence[Deletion]) -> Iterator[Step]:
    """Yield deletions: parts and what names apps first, external client apps before connected apps."""
    apps = frozenset(one.full_name.casefold() for one in deletions if one.type_name == HEADER)

    def rank(one: Deletion) -> int:
        if one.type_name in PARTS or one.type_name == UserProvisioningConfigs.name:
            return 0
        return 1 if one.type_name == HEADER else 2

    for deletion in sorted(deletions, key=rank):
        yield partial(_delete, deletion, apps)


def _write(group: Sequence[SentItem], unit: Unit, actor: Actor) -> list[DeployMessage]:
    kind = BY_NAME[group[0].item.type_name]
    try:
        done = kind.write(unit, actor, [sent.item for sent in group])
    except ChangeoverError as error:
        refuse_ours(error)
        return list(_refused(group, error))
    return [_written(sent, done[sent.item.key]) for sent in group]


def _written(sent: SentItem, deployed: Deployed) -> DeployMessage:
    return DeployMessage(
        type_name=sent.item.type_name,
        full_name=sent.item.full_name,
        file_name=sent.file_name,
        success=True,
        created=deployed.created,
        changed=deployed.changed and not deployed.created,
        record_id=deployed.record_id,
    )


def _refused(group: Sequence[SentItem], error: ChangeoverError) -> Iterator[DeployMessage]:
    """Yield a message for each of a group: the one at fault says why, the others that they went with it."""
    at_fault = error.key if isinstance(error, ItemRefused) else group[0].item.key
    for sent in group:
        item = sent.item
        if item.key == at_fault:
            field = error.field if isinstance(error, ItemRefused | ValueRefused) else None
            says = problem_of(error)
            yield failure(item.type_name, item.full_name, sent.file_name, says, sent.place(field))
        else:
            says = f"Not deployed, because {at_fault} of the same app was refused"
            yield failure(item.type_name, item.full_name, sent.file_name, says)


def problem_of(error: ChangeoverError) -> str:
    """Return a refusal as a component's problem: the sentence, our code, and what to do next."""
    code = _CODES.get(error.kind)
    begin = f"{code}: " if code is not None else ""
    return f"{begin}{error.message} ({error.code}) {error.remedy}"


def refuse_ours(error: ChangeoverError) -> None:
    """Raise an error that no component is at fault for: the database, or ourselves."""
    if error.kind.status >= errors.INTERNAL.status:
        raise error


def _delete(deletion: Deletion, apps: frozenset[str], unit: Unit, actor: Actor) -> list[DeployMessage]:
    kind, name = BY_NAME[deletion.type_name], deletion.full_name
    gone = DeployMessage(
        type_name=deletion.type_name,
        full_name=name,
        file_name=deletion.file_name,
        success=True,
        deleted=True,
    )
    try:
        if deletion.type_name in PARTS:
            found = kind.get(unit, actor, name)
            document = found.document if found is not None else None
            if isinstance(document, Part) and _named(document) in apps:
                return [gone]
        if kind.delete(unit, actor, name):
            return [gone]
    except ChangeoverError as error:
        refuse_ours(error)
        return [failure(deletion.type_name, name, deletion.file_name, problem_of(error))]
    says = f"No {deletion.type_name} named: {name} found"
    return [replace(gone, type_name="", deleted=False, problem=says, warning=True)]


def _named(part: Part) -> str:
    return (part.external_client_application or "").casefold()
