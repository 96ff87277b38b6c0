"""The fingerprint of an app: what a plan rests on. Where it is another, the plan is stale."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, leaves
from changeover.apps.reference import Reference
from changeover.apps.secrets import masked
from changeover.migration.situation import Situation


def fingerprint(app: ConnectedApp, situation: Situation, switches: Mapping[str, bool | None]) -> str:
    """Return the SHA-256 of everything on which the planned result and the verdict rest.

    That is the app itself, the places that refer to it, what else bears its name, the edition, the org's
    switches and what only an org knows (push settings, whether it is local). New login rows and a new day
    leave it as it is: neither changes what is made, and what speaks against a migration is looked at anew
    when it is applied. Of a secret it only knows whether it is set: a plan is no means to guess one.

    Args:
        app: the connected app.
        situation: what is known beside its own file.
        switches: settings of the whole org.
    """
    told = {
        "app": [app.full_name, _told(leaves(app))],
        "references": [_reference(one) for one in situation.references],
        "switches": sorted(switches.items()),
        "edition": situation.edition,
        "local": situation.local,
        "migrated": situation.migrated,
        "neighbour": situation.neighbour and [situation.neighbour.api_name, situation.neighbour.consumer_key],
        "username_password_blocked": situation.username_password_blocked,
        "user_provisioning": situation.user_provisioning,
        "dynamic_registration": situation.dynamic_registration,
        "push": situation.push
        and [
            [one.service, str(one.certificate_expires), one.server_key, one.full_content]
            for one in situation.push
        ],
        "same_name": situation.same_name,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _reference(reference: Reference) -> list[Any]:
    return [reference.kind, reference.file, reference.path, reference.app, _told(reference.context)]


def _told(found: tuple[Leaf, ...]) -> list[tuple[str, str]]:
    return [(leaf.path, masked(leaf)) for leaf in found]
