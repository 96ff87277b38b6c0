"""createMetadata(), updateMetadata(), upsertMetadata(), deleteMetadata(): components one by one.

Source: Metadata API guide, CRUD-Based Calls, and AllOrNoneHeader (off unless a client asks for it: each
record is then a transaction of its own).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from changeover import errors
from changeover.errors import ChangeoverError, ErrorKind
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.salesforce.metadata.deployment.run import refuse_ours
from changeover.salesforce.metadata.kinds import BY_NAME, Item, ItemRefused
from changeover.salesforce.metadata.kinds.kind import strange_element
from changeover.salesforce.metadata.operations.reading import refuse_many
from changeover.salesforce.metadata.records import item_of
from changeover.salesforce.soap.answers import Value
from changeover.salesforce.soap.call import SoapCall
from changeover.salesforce.soap.faults import INVALID_TYPE, SoapFault

FIELD_INTEGRITY = "FIELD_INTEGRITY_EXCEPTION"
NOT_THERE = "INVALID_CROSS_REFERENCE_KEY"
THERE_ALREADY = "DUPLICATE_DEVELOPER_NAME"
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
_CODES: Mapping[ErrorKind, str] = {
    errors.NOT_PERMITTED: "INSUFFICIENT_ACCESS",
    errors.APP_READ_ONLY: "ENTITY_IS_LOCKED",
    errors.CREATION_OFF: "INSUFFICIENT_ACCESS",
    errors.NAME_TAKEN: THERE_ALREADY,
    errors.PART_TAKEN: "DUPLICATE_VALUE",
    errors.CONSUMER_KEY_TAKEN: "DUPLICATE_VALUE",
    errors.APP_NOT_FOUND: NOT_THERE,
    errors.EXTERNAL_CLIENT_APP_NOT_FOUND: NOT_THERE,
    errors.EXTERNAL_CLIENT_APP_THERE: "DELETE_FAILED",
}


@dataclass(frozen=True, kw_only=True)
class _Saved:
    """What became of one record."""

    full_name: str
    created: bool = False
    code: str = ""
    """Empty where it went well."""
    message: str = ""
    field: str | None = None

    def fields(self, *, upsert: bool) -> Mapping[str, Value]:
        """Return a SaveResult, an UpsertResult or a DeleteResult."""
        problem: Mapping[str, Value] = {
            "fields": self.field,
            "message": self.message,
            "statusCode": self.code,
        }
        return {
            "created": self.created if upsert else None,
            "errors": problem if self.code else None,
            "fullName": self.full_name,
            "success": not self.code,
        }


class _TakenBack(Exception):  # noqa: N818 - no error: it ends the transaction
    """Makes the store roll back."""


_Save = Callable[[Unit, Actor], _Saved]


def create_metadata(call: SoapCall) -> Value:
    """Add components that are not there yet."""
    return _saved(call, _items(call), may_create=True, may_update=False)


def update_metadata(call: SoapCall) -> Value:
    """Write components anew that are there."""
    return _saved(call, _items(call), may_create=False, may_update=True)


def upsert_metadata(call: SoapCall) -> Value:
    """Add components or write them anew."""
    return _saved(call, _items(call), may_create=True, may_update=True)


def delete_metadata(call: SoapCall) -> Value:
    """Delete components of a type by name; an external client app's deletion is the revert."""
    type_name, names = call.arguments.one("type") or "", call.arguments.texts("fullNames")
    kind = BY_NAME.get(type_name)
    if kind is None or kind.since > call.version:
        raise _unknown(type_name)
    refuse_many(len(names))

    def deletion(name: str) -> _Save:
        def delete(unit: Unit, actor: Actor) -> _Saved:
            try:
                if kind.delete(unit, actor, name):
                    return _Saved(full_name=name)
            except ChangeoverError as error:
                return _refused(name, error)
            return _Saved(full_name=name, code=NOT_THERE, message=f"no {type_name} named {name} found")

        return delete

    done = _each(call, [deletion(name) for name in names])
    return [one.fields(upsert=False) for one in done]


def _unknown(type_name: str) -> SoapFault:
    says = f"This type of metadata is not available for this organization: {type_name[:80]}"
    return SoapFault(INVALID_TYPE, says)


def _items(call: SoapCall) -> Sequence[Item]:
    nodes = list(call.arguments.each("metadata"))
    refuse_many(len(nodes))
    found = [item_of(node) for node in nodes]
    for item in found:
        kind = BY_NAME.get(item.type_name)
        if kind is None or kind.since > call.version:
            raise _unknown(item.type_name)
    return found


def _saved(call: SoapCall, items: Sequence[Item], *, may_create: bool, may_update: bool) -> Value:
    def saving(item: Item) -> _Save:
        def save(unit: Unit, actor: Actor) -> _Saved:
            try:
                return _save(call.version, unit, actor, item, may_create=may_create, may_update=may_update)
            except ChangeoverError as error:
                return _refused(item.full_name, error)

        return save

    done = _each(call, [saving(item) for item in items])
    return [one.fields(upsert=may_create and may_update) for one in done]


def _save(
    version: int, unit: Unit, actor: Actor, item: Item, *, may_create: bool, may_update: bool
) -> _Saved:
    kind, name = BY_NAME[item.type_name], item.full_name
    if not name:
        return _Saved(full_name="", code="REQUIRED_FIELD_MISSING", message="fullName is missing")
    strange = strange_element(kind, item.content, version)
    if strange is not None:
        return _Saved(full_name=name, code=FIELD_INTEGRITY, message=strange[1])
    there = kind.get(unit, actor, name) is not None
    if there and not may_update:
        says = f"A {item.type_name} named {name} is there already"
        return _Saved(full_name=name, code=THERE_ALREADY, message=says)
    if not there and not may_create:
        return _Saved(full_name=name, code=NOT_THERE, message=f"no {item.type_name} named {name} found")
    done = kind.write(unit, actor, [item])[item.key]
    return _Saved(full_name=name, created=done.created)


def _refused(name: str, error: ChangeoverError) -> _Saved:
    refuse_ours(error)
    field = error.field if isinstance(error, ItemRefused) else getattr(error, "field", None)
    code = _CODES.get(error.kind, FIELD_INTEGRITY)
    says = f"{error.message} ({error.code}) {error.remedy}"
    return _Saved(full_name=name, code=code, message=says, field=field)


def _each(call: SoapCall, saves: Sequence[_Save]) -> list[_Saved]:
    """Save records: each by itself, or all or none where AllOrNoneHeader asks for it."""
    session = call.session()
    if (call.request.header("AllOrNoneHeader", "allOrNone") or "").casefold() != "true":
        return [_alone(call, session.actor, save) for save in saves]
    done: list[_Saved] = []
    try:
        with call.units.unit() as unit:
            done += [save(unit, session.actor) for save in saves]
            _lasts(not any(one.code for one in done))
    except _TakenBack:
        says = (
            "Record rolled back because not all records were valid and the request was using AllOrNone header"
        )
        return [
            one if one.code else _Saved(full_name=one.full_name, code=ROLLED_BACK, message=says)
            for one in done
        ]
    return done


def _alone(call: SoapCall, actor: Actor, save: _Save) -> _Saved:
    done: list[_Saved] = []
    try:
        with call.units.unit() as unit:
            done.append(save(unit, actor))
            _lasts(not done[0].code)
    except _TakenBack:
        pass
    return done[0]


def _lasts(well: bool) -> None:  # noqa: FBT001 - whether it does
    if not well:
        raise _TakenBack
