"""`changeover migrate`: connected apps to external client apps, one by one or all."""

from __future__ import annotations

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit_each, say
from changeover.cli.places import Inside, every_app, in_org
from changeover.cli.running import run_here
from changeover.migration.lifecycle import State
from changeover.org.batch_runs import new_runner
from changeover.org.batches import resume_batch, start_batch
from changeover.org.lists import AppQuery
from changeover.org.model.apps import Confirmation


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
@click.option(
    "--resume",
    metavar="BATCH",
    help="Go on with a batch that was stopped, a migration or an undo; the confirmation stays as given.",
)
@in_org
def command(
    inside: Inside,
    apps: tuple[str, ...],
    confirm_despite_evidence: tuple[str, ...],
    resume: str | None,
    *,
    every: bool,
    confirm_local: bool,
    confirm_no_username_password: bool,
    as_json: bool,
) -> int:
    """Create external client apps from connected apps, which stay as read-only versions.

    APP is an API name. The confirmations cover only apps that nothing speaks against; the others are skipped,
    with what speaks against them, unless they are named with --confirm-despite-evidence. Each app is migrated
    as a whole or not at all, and one that is refused stops no other. Ctrl-C stops where --resume goes on.

    Exit code: 0 all migrated or nothing to do, 2 some were skipped, 1 some failed.
    """
    if sum((every, bool(apps), resume is not None)) > 1:
        raise click.UsageError("name apps, or say --all, or --resume; not two of them")
    if resume is not None:
        return _resume(inside, resume, as_json=as_json)
    if not every and not apps:
        raise click.UsageError("name the apps to migrate, or say --all")
    names = apps or tuple(
        row.api_name for row in every_app(inside, AppQuery(state=State.ACTIVE, sort="api_name"))
    )
    if not names:
        return _nothing(as_json=as_json)
    confirmation = Confirmation(local=confirm_local, no_username_password=confirm_no_username_password)
    with inside.units.unit() as unit:
        runner = new_runner(unit)
        batch = start_batch(
            unit, inside.actor, names, confirmation, frozenset(confirm_despite_evidence), runner=runner
        )
    return run_here(inside, batch, runner, as_json=as_json)


def _resume(inside: Inside, batch_id: str, *, as_json: bool) -> int:
    with inside.units.unit() as unit:
        runner = new_runner(unit)
        batch = resume_batch(unit, inside.actor, batch_id, runner=runner)
    if batch.done:
        return _nothing(as_json=as_json)
    return run_here(inside, batch, runner, as_json=as_json)


def _nothing(*, as_json: bool) -> int:
    if as_json:
        return emit_each("outcomes", ())
    say("Nothing to migrate.")
    return DONE
