"""Rules about where the app comes from and which external client app bears its name."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.apps.names import namespace_of
from changeover.migration.finding import Severity, Status
from changeover.migration.keys import visible_key
from changeover.migration.rules.rule import HELP_MIGRATE, OURS, Case, Rule, Seen, Unseen, listed


def not_local(case: Case) -> Iterator[Seen | Unseen]:
    """Judge by the namespace, else by what the org knows; files alone show no package."""
    namespace = namespace_of(case.app.full_name)
    if namespace is not None:
        yield Seen(f"{case.app.full_name} bears the namespace {namespace}: it comes from a package.")
    elif case.situation.local is False:
        yield Seen(f"{case.name} was installed from a package or belongs to another org.")
    elif case.situation.local is None:
        yield Unseen("Setup, App Manager, App Type: Connected is local, Connected (Managed) is not.")


NOT_LOCAL = Rule(
    id="not-local",
    title="The app is not local",
    severity=Severity.BLOCKER,
    status=Status.DOCUMENTED,
    source=HELP_MIGRATE,
    remedy="Ask its publisher for an external client app; only apps created in this org can be migrated.",
    check=not_local,
)


def own_external_client_app(case: Case) -> bool:
    """Whether the app has been migrated: the org says so, or name and consumer key agree on files."""
    if case.situation.migrated:
        return True
    neighbour = case.situation.neighbour
    if neighbour is None or case.situation.in_org:
        return False
    mine = visible_key(case.app.consumer_key)
    return mine is not None and mine == visible_key(neighbour.consumer_key)


def already_migrated(case: Case) -> Iterator[Seen | Unseen]:
    """Tell that the app has its external client app."""
    if not own_external_client_app(case):
        return
    neighbour = case.situation.neighbour
    name = neighbour.api_name if neighbour else case.app.full_name
    how = "" if case.situation.in_org else " with the same consumer key"
    yield Seen(f"{case.name} has its external client app: {name}{how}.")


ALREADY_MIGRATED = Rule(
    id="already-migrated",
    title="Already migrated",
    severity=Severity.NOTE,
    status=Status.DOCUMENTED,
    source=HELP_MIGRATE,
    remedy="Make changes on the external client app; deleting it makes the connected app active again.",
    check=already_migrated,
)


def name_taken(case: Case) -> Iterator[Seen | Unseen]:
    """Look for an external client app of the name with another key."""
    neighbour = case.situation.neighbour
    if neighbour is None or own_external_client_app(case):
        return
    if case.situation.in_org:
        yield Seen(
            f"An external client app {neighbour.api_name} is in this org and is not {case.name}'s own."
        )
    elif visible_key(case.app.consumer_key) and visible_key(neighbour.consumer_key):
        yield Seen(
            f"An external client app {neighbour.api_name} stands beside it with another consumer key: it was"
            " set up anew, not migrated.",
            "Rename or delete one of the two in the org, or confirm that the connected app is to be"
            " migrated all the same.",
            Severity.CONFIRM,
        )


NAME_TAKEN = Rule(
    id="name-taken",
    title="Its name is taken by another external client app",
    severity=Severity.BLOCKER,
    status=Status.OURS,
    source=OURS,
    remedy="Rename or delete the other external client app.",
    check=name_taken,
)


def part_name_taken(case: Case) -> Iterator[Seen | Unseen]:
    """Look for parts of other external client apps under the names that a migration gives its own."""
    if own_external_client_app(case):
        return
    for part, holder in case.situation.taken_parts:
        yield Seen(f"The external client app {holder} has a part {part} already.")


PART_NAME_TAKEN = Rule(
    id="part-name-taken",
    title="The name of one of its parts is taken",
    severity=Severity.BLOCKER,
    status=Status.OURS,
    source=OURS,
    remedy="Delete the other external client app, or create it anew with another name for that part.",
    check=part_name_taken,
)


def key_not_visible(case: Case) -> Iterator[Seen | Unseen]:
    """On files, look for an external client app of the name where one of the two keys is not there."""
    neighbour = case.situation.neighbour
    if neighbour is None or case.situation.in_org or own_external_client_app(case):
        return
    theirs, mine = visible_key(neighbour.consumer_key), visible_key(case.app.consumer_key)
    if theirs and mine:
        return
    whose = "neither consumer key" if not theirs and not mine else "its consumer key"
    if theirs and not mine:
        whose = "the connected app's consumer key"
    shown = "can" if whose.startswith("neither") else "cannot"
    yield Seen(
        f"An external client app {neighbour.api_name} stands beside it, but {whose} {shown} be seen: whether"
        f" it is {case.name}'s own is open."
    )


KEY_NOT_VISIBLE = Rule(
    id="key-not-visible",
    title="An external client app of the same name cannot be told apart",
    severity=Severity.CONFIRM,
    status=Status.OURS,
    source=OURS,
    remedy="Look in Setup, External Client App Manager: if it came from this connected app, the migration is"
    " done; if not, confirm.",
    check=key_not_visible,
)


def key_used_elsewhere(case: Case) -> Iterator[Seen | Unseen]:
    """Tell where else the consumer key was seen; a local external client app works in its own org only."""
    if not case.facts.oauth:
        return
    if case.situation.key_used_in:
        yield Seen(
            f"The consumer key of {case.name} was also seen in {listed(case.situation.key_used_in)}."
            " An external client app answers in its own org only: elsewhere logins end with"
            " OAUTH_EC_APP_NOT_FOUND."
        )
    elif not case.situation.in_org:
        yield Unseen("Other orgs that log in with this app's consumer key: ask who runs its clients.")


KEY_USED_ELSEWHERE = Rule(
    id="key-used-elsewhere",
    title="Its consumer key is used from elsewhere",
    severity=Severity.NOTE,
    status=Status.REPORTED,
    source="Reports of OAUTH_EC_APP_NOT_FOUND after a move to external client apps, 2025 and 2026",
    remedy="Give every other org an app of its own before the migration.",
    check=key_used_elsewhere,
)


def duplicate_name(case: Case) -> Iterator[Seen | Unseen]:
    """Tell of other files with a connected app of the name."""
    if case.situation.same_name:
        others = counted_files(case.situation.same_name)
        yield Seen(
            f"{case.app.full_name} stands in {others} too: only one of them can be what the org holds."
        )


def counted_files(paths: tuple[str, ...]) -> str:
    """Name other files: `another file (a)`, `2 other files (a, b)`."""
    head = "another file" if len(paths) == 1 else f"{len(paths)} other files"
    return f"{head} ({listed(paths)})"


DUPLICATE_NAME = Rule(
    id="duplicate-name",
    title="The name occurs more than once",
    severity=Severity.WARNING,
    status=Status.OURS,
    source=OURS,
    remedy="Keep the version that the org holds, or assess the folders one by one.",
    check=duplicate_name,
)


def leftover_parts(case: Case) -> Iterator[Seen | Unseen]:
    """Tell of parts that name the app's external client app, whose header is missing."""
    if case.situation.leftover_parts:
        yield Seen(
            f"Parts of an external client app {case.app.full_name} are there without its header:"
            f" {listed(case.situation.leftover_parts)}."
        )


LEFTOVER_PARTS = Rule(
    id="leftover-parts",
    title="Parts of an external client app were left over",
    severity=Severity.WARNING,
    status=Status.OURS,
    source=OURS,
    remedy="Retrieve the external client app whole, or remove the parts; a conversion overwrites those that"
    " are equal to what it writes and refuses the others.",
    check=leftover_parts,
)
