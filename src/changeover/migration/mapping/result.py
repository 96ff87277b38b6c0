"""From a connected app to the external client app that the button should make of it, with the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document, Leaf, remembered, remembered_of, segments
from changeover.apps.external_client_app import ExternalClientApp, ExternalClientApplication, Part
from changeover.apps.reference import Reference
from changeover.apps.types import BY_DOCUMENT, TYPES
from changeover.migration import decisions
from changeover.migration.account import Account, Added, Entry, Kind, Target
from changeover.migration.decisions import Decision
from changeover.migration.mapping import translations as say
from changeover.migration.mapping.defaults import own_leaves, silent_leaves
from changeover.migration.mapping.draft import Draft, Slot
from changeover.migration.mapping.losses import CANVAS_LOCATION_CODES, Loss, loss_at, loss_below
from changeover.migration.mapping.push import push_parts
from changeover.migration.mapping.references import NOTIFICATIONS, resolve
from changeover.migration.mapping.source import Facts, Located, Source, locate, read
from changeover.migration.mapping.table import (
    APP_POLICIES,
    BY_SOURCE,
    CANVAS,
    GLOBAL,
    GROUPS,
    HEADER,
    POLICIES,
    SAML,
    SETTINGS,
    Admins,
    Row,
    Shape,
)
from changeover.migration.situation import PushConfiguration

UNKNOWN_NOTE = (
    "Not an element that Changeover knows: kept under its own name beside its siblings"
    f" ({decisions.UNKNOWN_BESIDE_SIBLINGS.id})."
)
ASIDE_NOTE = (
    "Something else stands in its place, so it is kept aside, under connectedApp"
    f" ({decisions.UNKNOWN_BESIDE_SIBLINGS.id})."
)
WITHOUT_OAUTH_NOTE = (
    "The app has no OAuth settings; this is its only home, the OAuth plugin stays off"
    f" ({decisions.HOMES_WITHOUT_OAUTH.id})."
)

# A leaf that no leaf of the source says: why it is there, and by which decision.
_Added = tuple[Slot, str, Decision | None]

_OAUTH_PARTS = frozenset({GLOBAL, SETTINGS, POLICIES})

NOTHING_LEFT_OUT: Mapping[str, Loss] = {}


# How a part's component is named after the app: `_oauth.ecaOauth`.
_ENDINGS = {entry.document: f"{entry.part_suffix or ''}.{entry.suffix}" for entry in TYPES}


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What a migration makes: the external client app, and the account of every leaf."""

    external_client_app: ExternalClientApp
    account: Account


class _Went(NamedTuple):
    """What became of one leaf or reference, before the places are final."""

    source: str
    value: str
    slots: tuple[Slot, ...] = ()
    file: tuple[Target, ...] = ()
    """The referring file itself, where a reference stays as it is."""
    note: str = ""


def expected_result(
    app: ConnectedApp,
    references: tuple[Reference, ...] = (),
    *,
    push: tuple[PushConfiguration, ...] = (),
) -> Migration:
    """Return what Salesforce's button should make of a connected app. Total and pure.

    Args:
        app: any connected app; eligibility does not matter here.
        references: the places that name this app; one entry of the account each.
        push: the push settings that a local org holds for it; no file has them.
    """
    return build(read(app), app.full_name, references, push=push)


def account_of(app: ConnectedApp, references: tuple[Reference, ...] = ()) -> Account:
    """Return the account of the expected result alone, without the external client app itself.

    Args:
        app: any connected app.
        references: the places that name this app.
    """
    return _account(_drafted(read(app), app.full_name, references), app.full_name)


def result_of(app: ConnectedApp, references: tuple[Reference, ...] = ()) -> ExternalClientApp:
    """Return the external client app of the expected result alone, without the account.

    Args:
        app: any connected app.
        references: the places that name this app.
    """
    header, parts = _documents(_drafted(read(app), app.full_name, references).draft, app.full_name)
    return ExternalClientApp(header=header, parts=parts)


def build(
    source: Source,
    api_name: str,
    references: tuple[Reference, ...] = (),
    *,
    push: tuple[PushConfiguration, ...] = (),
    left_out: Mapping[str, Loss] = NOTHING_LEFT_OUT,
) -> Migration:
    """Map an app under any API name.

    Args:
        source: the connected app.
        api_name: of the external client app.
        references: the places that name the connected app.
        push: the push settings that a local org holds for it.
        left_out: by key, leaves that this variant does not hand over, and what follows from that.
    """
    drafted = _drafted(source, api_name, references, push=bool(push), left_out=left_out)
    account = _account(drafted, api_name)
    header, parts = _documents(drafted.draft, api_name)
    pushed, pushed_added = push_parts(api_name, push)
    return Migration(
        external_client_app=ExternalClientApp(header=header, parts=(*parts, *pushed)),
        account=Account(entries=account.entries, added=(*account.added, *pushed_added)),
    )


def _documents(draft: Draft, api_name: str) -> tuple[ExternalClientApplication, tuple[Part, ...]]:
    """Return the header and the parts of a settled draft."""
    settled = dict(draft.written())
    header = from_leaves(ExternalClientApplication, api_name, settled.pop(HEADER))
    written = {part: from_leaves(part, _name(part, api_name), found) for part, found in settled.items()}
    parts = (written[entry.document] for entry in TYPES if entry.document in written)
    return header, tuple(part for part in parts if isinstance(part, Part))


class _Drafted(NamedTuple):
    """Every leaf in its place, and where it came from."""

    draft: Draft
    went: list[_Went]
    """Of each leaf of the source, then of each reference."""
    added: list[_Added]


class _Place(NamedTuple):
    """What is said of a leaf path, whatever its value is."""

    located: Located
    loss: Loss | None
    row: Row | None


@remembered
def _place(path: str) -> _Place:
    located = locate(path)
    if located.key is None:
        return _Place(located, loss_below(path), None)
    return _Place(located, loss_at(located.key), BY_SOURCE.get(located.key))


def _drafted(
    source: Source,
    api_name: str,
    references: tuple[Reference, ...],
    *,
    push: bool = False,
    left_out: Mapping[str, Loss] = NOTHING_LEFT_OUT,
) -> _Drafted:
    """Map an app's leaves and references: see `build`."""
    draft = Draft()
    went: dict[int, _Went] = {}
    strangers: list[tuple[int, Leaf, Located]] = []
    for number, leaf in enumerate(source.leaves):
        located, loss, row = _place(leaf.path)
        # Most leaves are under no loss at all.
        if loss is not None or left_out:
            loss = _within(left_out.get(located.key or ""), leaf.value) or loss_of_leaf(leaf)
        if loss is not None:
            went[number] = _Went(leaf.path, leaf.value, note=loss.consequence)
        elif row is not None:
            went[number] = _known(draft, source.facts, leaf, row)
        else:
            strangers.append((number, leaf, located))
    added: list[_Added] = []
    referred = [_referred(draft, reference, added) for reference in references]
    # What nobody knows comes last: it never takes the place of what is known.
    texts = {leaf.path: leaf.value for leaf in source.leaves} if strangers else {}
    for number, leaf, located in strangers:
        attached = _attribute(draft, leaf, texts)
        if attached is not None:
            went[number] = _Went(leaf.path, leaf.value, (attached,), note=UNKNOWN_NOTE)
        else:
            went[number] = _unknown(draft, source.facts, leaf, located)
    _write_out(draft, source.facts, api_name, added, push=push)
    draft.settle()
    return _Drafted(draft, [*(went[number] for number in range(len(source.leaves))), *referred], added)


def _account(drafted: _Drafted, api_name: str) -> Account:
    """Write the account of a settled draft."""
    components = {part: api_name + ending for part, ending in _ENDINGS.items()}
    entries = [_entry(one, components) for one in drafted.went]
    added = [
        Added(Target(components[slot.part], slot.path, slot.value), why, by.id if by else None)
        for slot, why, by in drafted.added
    ]
    return Account(entries=tuple(entries), added=tuple(added))


def loss_of_leaf(leaf: Leaf) -> Loss | None:
    """Return the listed loss that a leaf of a connected app falls under, None where it has a home."""
    loss = _within(_place(leaf.path).loss, leaf.value)
    if loss is CANVAS_LOCATION_CODES:
        # A list of codes is lost only where none of them has a home.
        said = BY_SOURCE[loss.source].translate(leaf.value)
        return None if said is None or said.values else loss
    return loss


def _within(loss: Loss | None, value: str) -> Loss | None:
    """Return a loss for the values that it is listed for."""
    return loss if loss is None or loss.values is None or value in loss.values else None


def _holders(row_part: type[Document], facts: Facts) -> tuple[type[Document], ...]:
    """Return the parts that hold a place: the policies that say who may use the app are one or two."""
    if row_part is not Admins:
        return (row_part,)
    if facts.saml:
        return (POLICIES, SAML) if facts.oauth else (SAML,)
    return (POLICIES,)


def _numbered(path: str, indexes: tuple[int, ...]) -> str:
    for index in indexes:
        path = path.replace("[]", f"[{index}]", 1)
    return path


class _Home(NamedTuple):
    """One leaf of the result that a leaf of the source goes to."""

    part: type[Document]
    path: str


@remembered_of
def _homes(facts: Facts, path: str) -> tuple[tuple[_Home, ...], ...]:
    """Return, for each place that the table names for a leaf, its homes in an app of these kinds."""
    located, _, row = _place(path)
    places = () if row is None else row.places
    return tuple(
        tuple(_Home(part, _numbered(at.path, located.indexes)) for part in _holders(at.part, facts))
        for at in places
    )


class _Carried(NamedTuple):
    """Where a leaf goes that is carried as it stands to one place: most are."""

    home: _Home
    note: str


@remembered_of
def _carried(facts: Facts, path: str) -> _Carried | None:
    row, places = _place(path).row, _homes(facts, path)
    if row is None or row.translate is not say.same or row.shape is not Shape.PLACES:
        return None
    homes = [home for place in places for home in place]
    if len(homes) != 1 or (not facts.oauth and homes[0].part in _OAUTH_PARTS):
        return None
    return _Carried(homes[0], row.note)


def _known(draft: Draft, facts: Facts, leaf: Leaf, row: Row) -> _Went:
    """Put a leaf that the table knows."""
    path, value = leaf
    carried = _carried(facts, path)
    if carried is not None:
        (part, home), note = carried
        slot = draft.put(part, home, value)
        if slot is not None:
            return _Went(path, value, (slot,), (), note)
    said = row.translate(value)
    notes = [note for note in (row.note, say.NOT_UNDERSTOOD if said is None else said.note) if note]
    values = (value,) if said is None else said.values
    homes = _homes(facts, path)
    # A repeated element takes all values, otherwise each has its own place.
    places = repeat(homes[0]) if row.shape is Shape.NUMBERED else homes
    slots: list[Slot] = []
    for place, word in zip(places, values, strict=False):
        for part, home in place:
            if row.shape is Shape.PLACES:
                slot = draft.put(part, home, word)
            elif row.shape is Shape.JOINED:
                slot = draft.join(part, home, word)
            else:
                slot = draft.append(part, row.places[0].path.removesuffix("[]"), word)
            if slot is None:
                slot = draft.put_aside(part, "", segments(path), value)
                notes.append(ASIDE_NOTE)
            slots.append(slot)
            if not facts.oauth and part in _OAUTH_PARTS and WITHOUT_OAUTH_NOTE not in notes:
                notes.append(WITHOUT_OAUTH_NOTE)
    return _Went(path, value, tuple(slots), note=" ".join(notes))


def _unknown(draft: Draft, facts: Facts, leaf: Leaf, place: Located) -> _Went:
    """Put a leaf that the table does not know beside its siblings."""
    at = GROUPS[place.group]
    prefix = _numbered(at.path, place.indexes)
    slots: list[Slot] = []
    note = UNKNOWN_NOTE
    for part in _holders(at.part, facts):
        if place.rest:
            slot = draft.put_unknown(part, prefix, place.group, place.rest, leaf.value)
        else:
            # The bare element of a repeated group, empty or with a text.
            slot = draft.put(part, prefix, leaf.value)
        if slot is None:
            # In a repeated group it stays there: a group without a leaf would leave a gap.
            inside = bool(place.indexes and place.rest)
            parent, steps = (prefix, place.rest) if inside else ("", segments(leaf.path))
            slot, note = draft.put_aside(part, parent, steps, leaf.value), ASIDE_NOTE
        slots.append(slot)
    return _Went(source=leaf.path, value=leaf.value, slots=tuple(slots), note=note)


def _attribute(draft: Draft, leaf: Leaf, texts: Mapping[str, str]) -> Slot | None:
    """Put an attribute on the element that holds its own element's very value; None where there is none."""
    element, _, attribute = leaf.path.rpartition("/")
    if not element or not attribute.startswith("@"):
        return None
    place = locate(element)
    row = BY_SOURCE.get(place.key or "")
    if row is None or row.translate is not say.same or row.shape is not Shape.PLACES:
        return None
    at = row.places[0]
    path = _numbered(at.path, place.indexes)
    # Another element may stand there: canvas settings have two forms.
    if at.part is Admins or draft.text(at.part, path) != texts.get(element):
        return None
    return draft.put(at.part, f"{path}/{attribute}", leaf.value)


def _referred(draft: Draft, reference: Reference, added: list[_Added]) -> _Went:
    """Put what a reference needs; a reference that stays has its own file as target."""
    became = resolve(draft, reference)
    added.extend(became.added)
    file = Target(component=reference.file, path=reference.path, value=reference.app)
    return _Went(
        source=f"{reference.file}:{reference.path}",
        value=reference.app,
        slots=became.slots,
        file=(file,) if became.stays else (),
        note=became.note,
    )


def _write_out(draft: Draft, facts: Facts, api_name: str, added: list[_Added], *, push: bool) -> None:
    """Write what no leaf of the source says: every switch and policy of the parts that there are."""
    wanted = set(draft.parts()) | {HEADER, APP_POLICIES}
    wanted |= _OAUTH_PARTS if facts.oauth else set()
    wanted |= {SAML} if facts.saml else set()
    wanted |= {CANVAS} if facts.canvas else set()
    silent = silent_leaves(frozenset(wanted), facts, notifications=NOTIFICATIONS in wanted, push=push)
    for default, why in silent:
        slot = draft.fill(default.part, default.path, default.value)
        if slot is not None:
            added.append((slot, why, default.decision))
    for part in (entry.document for entry in TYPES if entry.document in wanted - {HEADER}):
        for path, value, why, decision in own_leaves(api_name, _name(part, api_name)):
            added.append((draft.add(part, path, value), why, decision))


def _name(part: type[Document], api_name: str) -> str:
    return api_name + (BY_DOCUMENT[part].part_suffix or "")


def _entry(went: _Went, components: Mapping[type[Document], str]) -> Entry:
    """Write the entry. Its kind follows from its targets: a label can say nothing that they do not hold."""
    targets = (
        *went.file,
        *[Target(components[slot.part], slot.path, slot.value) for slot in went.slots],
    )
    if not targets:
        kind = Kind.LOST
    elif len(targets) > 1:
        kind = Kind.SPLIT
    else:
        kind = Kind.CARRIED if targets[0].value == went.value else Kind.TRANSLATED
    return Entry(went.source, kind, went.value, targets, went.note)
