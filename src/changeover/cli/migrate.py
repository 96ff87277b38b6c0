"""`changeover migrate`: connected apps to external client apps, one by one or all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from changeover.cli.exit_codes import DONE, ERROR, FINDINGS
from changeover.cli.output import emit_each, say
from changeover.cli.places import Inside, every_app, in_org
from changeover.migration.lifecycle import State
from changeover.org.batches import migrate_several
from changeover.org.lists import AppQuery
from changeover.org.model import Confirmation
from changeover.org.model import Outcome as Done
from changeover.shapes.outcomes import Outcome


@click.command("migrate")
@click.argument("apps", nargs=-1, metavar="[APP]...")
@click.option("--all", "every", is_flag=True, help="All connected apps that are not migrated yet.")
@click.option("--confirm-local", is_flag=True, help="Confirm that the apps are local.")
@click.option(
    "--confirm-no-username-password",
    is_flag=True,
    help="Confirm that the apps do not use the username-password flow.",
)
@click.option(
    "--confirm-despite-evidence",
    multiple=True,
    metavar="APP",
    help="Confirm this one app against the evidence that `changeover assess --org` shows; may be repeated.",
)
@in_org
def command(
    inside: Inside,
    apps: tuple[str, ...],
    confirm_despite_evidence: tuple[str, ...],
    *,
    every: bool,
    confirm_local: bool,
    confirm_no_username_password: bool,
    as_json: bool,
) -> int:
    """Create external client apps from connected apps, which stay as read-only versions.

    APP is an API name. The confirmations cover only apps that nothing speaks against; the others are skipped,
    with what speaks against them, unless they are named with --confirm-despite-evidence. Each app is migrated
    as a whole or not at all, and one that is refused stops no other.

    Exit code: 0 all migrated or nothing to do, 2 some were skipped, 1 some failed.
    """
    if every and apps:
        raise click.UsageError("name apps or say --all, not both")
    if not every and not apps:
        raise click.UsageError("name the apps to migrate, or say --all")
    names = apps or tuple(
        row.api_name for row in every_app(inside, AppQuery(state=State.ACTIVE, sort="api_name"))
    )
    confirmation = Confirmation(local=confirm_local, no_username_password=confirm_no_username_password)
    results: Counter[str] = Counter()

    def outcomes() -> Iterator[Done]:
        for outcome in migrate_several(
            inside.units, inside.actor, names, confirmation, frozenset(confirm_despite_evidence)
        ):
            results[outcome.result] += 1
            yield outcome

    if as_json:
        if emit_each("outcomes", (Outcome.of(outcome) for outcome in outcomes())) != DONE:
            return ERROR
    else:
        for outcome in outcomes():
            told = f"{outcome.code}: {outcome.message} {outcome.remedy}" if outcome.code else "migrated"
            say(f"{outcome.name}: {told if outcome.result == 'migrated' else f'{outcome.result}. {told}'}")
        say(", ".join(f"{count} {result}" for result, count in results.items()) or "Nothing to migrate.")
    if results["failed"]:
        return ERROR
    return FINDINGS if results["skipped"] else DONE
