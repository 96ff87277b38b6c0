"""Proof that the person at the door is still the one who signed in: the password, given anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.model.orgs import Actor
from changeover.org.ports import Unit

LIFETIME = timedelta(minutes=5)
"""How long a proof holds: long enough to look at a secret after the form, too short to be found open."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Made by `sign_in.prove`; a session may keep it for its lifetime."""

    user_id: str
    at: datetime


def refuse_old_proof(unit: Unit, actor: Actor, proof: Proof) -> None:
    """Refuse a proof that is another user's or too old. Raises E-PASSWORD-PROOF."""
    age = unit.now - proof.at
    # The clock of another process may be a little ahead.
    if proof.user_id != actor.user_id or not -timedelta(minutes=1) <= age <= LIFETIME:
        message = f"{actor.username} has not given the password within the last five minutes."
        raise ChangeoverError(errors.PASSWORD_PROOF_OLD, message)
