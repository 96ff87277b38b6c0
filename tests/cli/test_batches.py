"""Batches on the command line: listed, stopped with Ctrl-C, gone on with, undone."""

from __future__ import annotations

import re
import signal
import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest

from changeover.org.batch_runs import run_batch
from changeover.org.batches import start_batch
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.model.batches import LONGEST_LEASE
from tests.cli.org_commands import Shell
from tests.cli.test_serving import CHANGEOVER, environment, run
from tests.org.world import YES, app

BOTH = ("--confirm-local", "--confirm-no-username-password")


@pytest.fixture
def batch_id(shell: Shell) -> str:
    """A batch of two apps that were migrated and one that was skipped."""
    shell.world.bring(app("Billing"), app("Portal"), app("Blocked", plugin="Handler"))
    assert shell.run("migrate", "--all", *BOTH).code == 2
    (row,) = shell.run("batches").rows
    return row[0]


def test_batches_are_listed_and_shown(shell: Shell, batch_id: str) -> None:
    (row,) = shell.run("batches").rows
    assert row[1:6] == ["migration", "done", "3", "3", "admin@acme.example"]
    (told,) = shell.run("batches", "--json").json["batches"]
    assert (told["batch_id"], told["results"]) == (batch_id, {"migrated": 2, "skipped": 1})
    shown = shell.run("batches", batch_id).rows
    assert [each[:3] for each in shown] == [
        ["Billing", "migrated", ""],
        ["Blocked", "skipped", "E-NOT-ELIGIBLE"],
        ["Portal", "migrated", ""],
    ]
    skipped = shell.run("batches", batch_id, "--result", "skipped", "--json").json["outcomes"]
    assert [each["api_name"] for each in skipped] == ["Blocked"]
    assert "E-RECORD-NOT-FOUND" in shell.run("batches", "0BtNone").err
    assert shell.run("batches", "--stop").code == 64


def test_a_batch_is_stopped_and_gone_on_with(shell: Shell) -> None:
    world = shell.world
    world.bring(app("Billing"), app("Portal"))
    batch = world.do(start_batch, ["Billing", "Portal"], YES)
    next(run_batch(world.house.units, batch.batch_id))
    with world.unit() as unit:
        # Another process is at it, and the command line goes by the machine's own clock.
        now = datetime.now(UTC)
        unit.batches.claim(batch.batch_id, "another", now, now + LONGEST_LEASE)
    said = shell.run("migrate", "--resume", batch.batch_id)
    assert (said.code, "E-BATCH-RUNNING" in said.err) == (1, True)
    assert shell.run("batches", batch.batch_id, "--stop").out == (
        f"{batch.batch_id}: stopped, 1 of 2 apps are done.\n"
    )
    assert shell.run("migrate", "--resume", batch.batch_id).out == "Portal: migrated\n1 migrated\n"
    assert shell.run("migrate", "--resume", batch.batch_id).out == "Nothing to migrate.\n"
    assert shell.run("migrate", "Billing", "--resume", batch.batch_id).code == 64


def test_a_batch_that_somebody_stops_elsewhere_ends_here(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shell.world
    world.bring(app("Billing"), app("Portal"))

    def stopping(*given: Any, **more: Any) -> Any:
        outcomes = run_batch(*given, **more)
        yield next(outcomes)
        assert shell.run("batches", given[1], "--stop").code == 0
        yield from outcomes

    monkeypatch.setattr("changeover.cli.running.run_batch", stopping)
    said = shell.run("migrate", "--all", *BOTH)
    assert said.code == 1
    assert said.out == "Billing: migrated\n1 migrated\n"
    assert "Somebody stopped the batch" in said.err


def test_a_batch_is_reverted_after_a_dry_look(shell: Shell, batch_id: str) -> None:
    world = shell.world
    world.do(edit_settings, "Portal", {"eca/description": "Since"}, seen_version=None)
    looked = shell.run("revert", "--batch", batch_id, "--list").out
    assert looked == (
        "2 external client apps will be deleted; 1 of them were changed since.\n"
        "What was changed on Portal since migration will be lost:\n"
        "  Portal.eca/description: (nothing) -> Since\n"
    )
    lost = shell.run("revert", "--batch", batch_id, "--list", "--json").json["lost"]
    assert (lost["there"], lost["gone"], lost["total"]) == (2, 0, 1)
    refused = shell.run("revert", "--batch", batch_id)
    assert (refused.code, "E-CONFIRM-DELETION" in refused.err) == (1, True)
    world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    said = shell.run("revert", "--batch", batch_id, "--yes")
    assert said.code == 2
    assert "1 were reverted since and will be left alone." in said.out
    assert "Billing: skipped. E-EXTERNAL-CLIENT-APP-NOT-FOUND" in said.out
    assert said.out.endswith("1 skipped, 1 reverted\n")
    assert not world.record("Portal").read_only
    undo = shell.run("batches", "--json").json["batches"][0]
    assert (undo["kind"], undo["of_batch"]) == ("revert", batch_id)
    assert (
        shell.run("revert", "--batch", batch_id, "--yes", "--json").json["error"]["code"] == "E-VALUE-REFUSED"
    )
    assert shell.run("revert").code == 64
    assert shell.run("revert", "Billing", "--batch", batch_id).code == 64


@pytest.mark.slow
def test_ctrl_c_leaves_a_batch_that_can_be_gone_on_with(shell: Shell) -> None:
    data = shell.world.folder
    names = [f"App{number:03}" for number in range(600)]
    shell.world.bring(*(app(name) for name in names))
    with subprocess.Popen(
        [*CHANGEOVER, "migrate", "--all", *BOTH, "--data", str(data)],
        env={**environment(data), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "App000: migrated\n"
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate(timeout=60)
    assert process.returncode not in {0, 1, 2}
    assert "Traceback" not in told
    done = 1 + len(re.findall(": migrated$", rest, re.MULTILINE))
    found = re.search(r"To go on with it: (changeover migrate --resume (\S+) --data \S+)\n", told)
    assert found is not None, told
    (batch,) = shell.run("batches", "--json").json["batches"]
    assert (batch["batch_id"], batch["state"]) == (found[2], "stopped")
    # What was printed is done; the app at hand may be done too, whole, and not be printed any more.
    assert batch["count"] - done in {0, 1}
    again = run(data, *found[1].split()[1:])
    assert again.returncode == 0, again.stderr
    (batch,) = shell.run("batches", "--json").json["batches"]
    assert (batch["done"], batch["results"]) == (True, {"migrated": len(names)})
