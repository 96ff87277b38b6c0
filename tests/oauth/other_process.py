"""Another process on the same installation: does what it is told, an act a line, and says so.

python -m tests.oauth.other_process FOLDER ORG
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from changeover.org import oauth_usage, people
from changeover.org.company import edit_org
from changeover.org.connected_apps import edit_app
from changeover.org.consumer_details import rotate_connected_app
from changeover.org.external_client_app_edits import edit_policies
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.installation import command_line_actor
from changeover.org.lists import AppKind
from changeover.org.migrate import migrate
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit
from changeover.org.proof import Proof
from changeover.wiring import open_house
from tests.org.world import DATABASE, FAST, YES, key_beside

APP, USER, SET = "Billing", "int@example.com", "Integration"


def _rotate(unit: Unit, actor: Actor) -> str:
    proof = Proof(user_id=actor.user_id, at=unit.now)
    return rotate_connected_app(unit, actor, APP, proof, seen_version=None).consumer_secret or ""


def _flow(value: str) -> Callable[[Unit, Actor], object]:
    changes = {"oauthConfig/isClientCredentialEnabled": value}
    return lambda unit, actor: edit_app(unit, actor, APP, changes, seen_version=None)


def _plugin(value: str) -> Callable[[Unit, Actor], object]:
    changes = {"ecaPlcy/isOauthPluginEnabled": value}
    return lambda unit, actor: edit_policies(unit, actor, APP, changes, seen_version=None)


ACTS: dict[str, Callable[[Unit, Actor], object]] = {
    "migrate": lambda unit, actor: migrate(unit, actor, APP, replace(YES, despite_evidence=True)),
    "revert": lambda unit, actor: delete_external_client_app(
        unit, actor, APP, confirmed=True, seen_version=None
    ),
    "rotate": _rotate,
    "flow off": _flow("false"),
    "flow on": _flow("true"),
    "plugin off": _plugin("false"),
    "plugin on": _plugin("true"),
    "block": lambda unit, actor: oauth_usage.block_app(unit, actor, AppKind.CONNECTED, APP),
    "unblock": lambda unit, actor: oauth_usage.unblock_app(unit, actor, AppKind.CONNECTED, APP),
    "deactivate": lambda unit, actor: people.edit_user(unit, actor, USER, active=False),
    "activate": lambda unit, actor: people.edit_user(unit, actor, USER, active=True),
    "assign": lambda unit, actor: people.assign_permission_set(unit, actor, USER, SET),
    "passwords off": lambda unit, actor: edit_org(
        unit, actor, {"username_password_blocked": True}, seen_version=None
    ),
}


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Do what standard input says."""
    folder, org_id = Path(sys.argv[1]), sys.argv[2]
    house = open_house(folder / DATABASE, key_file=key_beside(folder), passwords=FAST, environment={})
    actor = command_line_actor(house.units, org_id)
    say("ready")
    for line in sys.stdin:
        with house.units.unit() as unit:
            said = ACTS[line.strip()](unit, actor)
        say(said if isinstance(said, str) else "done")
    house.close()


if __name__ == "__main__":
    main()
