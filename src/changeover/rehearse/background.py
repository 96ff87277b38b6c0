"""Rehearsals that the browser or REST asked for: they run beside the pages, and are kept to look at.

One at a time an org, whichever process it was asked of: a lease among the shared values says so, which the
process renews as long as it lives. A process that dies leaves what it has; once its lease is over, that is
marked as stopped: when the next process starts, and whenever somebody looks.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.errors.trace import trace_of
from changeover.org.act import require
from changeover.org.model.orgs import Actor
from changeover.org.permissions import SETUP
from changeover.org.ports import Clock, Units
from changeover.org.values import refuse, shown
from changeover.rehearse.assumptions import BY_NAME
from changeover.rehearse.copy import Copies
from changeover.rehearse.from_org import OrgSource
from changeover.rehearse.rehearsal import Rehearsal
from changeover.rehearse.told import Tally, app_told, setting_told
from changeover.shapes.rehearsals import RehearsalFigures, RehearsalSetting, RehearsedApp

_log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=7)
LEASE = timedelta(seconds=20)
"""How long a process that says nothing still counts as being at it."""
_RENEW_SECONDS = 5.0
GONE = (
    "The server that ran it has gone: it was ended, or the machine was. What it has so far stands below."
    " Rehearse again."
)
"""What is said of a rehearsal whose process has died."""
MOST_APPS = 500
_WRITE_SECONDS = 1.0
_WRITE_SHARE = 20
"""A write that took long is not followed by another before this many times its length: a table grows."""
_RUNNING = "running"
_ID_BYTES = 9


class Values(Protocol):
    """Values that all processes share."""

    def read(self, key: str) -> bytes | None:
        """Return the value of a key, None where there is none or its time is over."""

    def write(
        self,
        key: str,
        value: bytes,
        lifetime: timedelta,
        *,
        only_existing: bool = False,
        only_first: bool = False,
    ) -> bool:
        """Keep a value."""

    def remove(self, key: str) -> None:
        """Forget a key."""

    def ends(self) -> Mapping[str, datetime]:
        """Return every key whose time is not over, with when it will be."""


class RehearsalState(StrEnum):
    """How far a rehearsal is."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class KeptRehearsal(Struct, frozen=True, kw_only=True):
    """A rehearsal as far as it is."""

    rehearsal_id: str
    state: RehearsalState
    started_at: datetime
    started_by: str
    total: int
    """How many apps there are to rehearse."""
    setting: RehearsalSetting
    names: tuple[str, ...] = ()
    """API names of the apps, those that are not rehearsed yet too: what to begin again with."""
    apps: tuple[RehearsedApp, ...] = ()
    summary: RehearsalFigures
    problem: str = ""
    """Why it has stopped."""


class Background:
    """Runs rehearsals in threads of this process.

    Args:
        units: of the installation.
        values: where rehearsals are kept.
        copies: where copies come from.
        clock: the time.
    """

    def __init__(self, units: Units, values: Values, copies: Copies, clock: Clock) -> None:
        self._units = units
        self._values = values
        self._copies = copies
        self._clock = clock
        self._halt = threading.Event()
        self._threads: list[threading.Thread] = []
        self._later: threading.Timer | None = None

    def begin(self) -> None:
        """Mark as stopped what processes that have died left running; those of living ones go on.

        A process that died a moment ago still has its lease: it is looked at once more when that is over.
        """
        self._sweep()
        self._later = threading.Timer(LEASE.total_seconds() + 1, self._sweep)
        self._later.daemon = True
        self._later.start()

    def _sweep(self) -> None:
        with suppress(ChangeoverError):
            for key in self._values.ends():
                org_id, _, rehearsal_id = key.partition(".")
                if rehearsal_id != _RUNNING:
                    self._kept(org_id, rehearsal_id)

    def start(self, actor: Actor, names: Collection[str], assumed: Collection[str] = ()) -> KeptRehearsal:
        """Begin to rehearse apps of the actor's org; whoever may look at Setup may.

        Args:
            actor: who asks.
            names: API names of the apps.
            assumed: names of assumptions.

        Raises:
            ChangeoverError: E-NOT-PERMITTED, E-APP-NOT-FOUND, E-VALUE-REFUSED, E-REHEARSAL-RUNNING.
        """
        with self._units.read() as unit:
            require(unit, actor, SETUP, "rehearse apps")
        if not 1 <= len(names) <= MOST_APPS:
            raise refuse("apps", f"1 to {MOST_APPS} at once; the command line takes more.")
        unknown = [name for name in assumed if name not in BY_NAME]
        if unknown:
            raise refuse("assume", f"“{shown(unknown[0])}” is none of {', '.join(BY_NAME)}.")
        # Kept for all who may look at Setup.
        source = OrgSource(self._units, actor, names, discreet=True)
        now = self._clock.now()
        kept = KeptRehearsal(
            rehearsal_id=secrets.token_urlsafe(_ID_BYTES),
            state=RehearsalState.RUNNING,
            started_at=now,
            started_by=actor.username,
            total=len(source),
            names=source.names,
            setting=setting_told(source.name, now.date(), assumed),
            summary=Tally().figures,
        )
        self._take(actor.org_id, kept.rehearsal_id)
        self._keep(actor.org_id, kept)
        run = threading.Thread(
            target=self._run, args=(actor.org_id, kept, source), name=f"rehearsal-{kept.rehearsal_id}"
        )
        self._threads = [one for one in self._threads if one.is_alive()] + [run]
        run.start()
        return kept

    def view(self, actor: Actor, rehearsal_id: str) -> KeptRehearsal:
        """Return a rehearsal of the actor's org. Raises E-NOT-PERMITTED, E-RECORD-NOT-FOUND."""
        with self._units.read() as unit:
            require(unit, actor, SETUP, "look at rehearsals")
        kept = self._kept(actor.org_id, rehearsal_id)
        if kept is None:
            message = f"This org keeps no rehearsal “{shown(rehearsal_id)}”."
            remedy = f"A rehearsal is kept for {KEPT_FOR.days} days: begin it anew."
            raise ChangeoverError(errors.RECORD_NOT_FOUND, message, remedy)
        return kept

    def every(self, actor: Actor) -> tuple[KeptRehearsal, ...]:
        """Return the rehearsals of the actor's org, the newest first. Raises E-NOT-PERMITTED."""
        with self._units.read() as unit:
            require(unit, actor, SETUP, "look at rehearsals")
        head = f"{actor.org_id}."
        ids = [key.removeprefix(head) for key in self._values.ends() if key.startswith(head)]
        found = [kept for one in ids if one != _RUNNING and (kept := self._kept(actor.org_id, one))]
        return tuple(sorted(found, key=lambda kept: kept.started_at, reverse=True))

    def close(self) -> None:
        """Stop after the app at hand, and wait for that."""
        if self._later is not None:
            self._later.cancel()
        self._halt.set()
        for thread in self._threads:
            thread.join()

    def _take(self, org_id: str, rehearsal_id: str) -> None:
        """Take the org's lease. Raises E-REHEARSAL-RUNNING."""
        key = f"{org_id}.{_RUNNING}"
        self._values.write(key, rehearsal_id.encode(), LEASE, only_first=True)
        holder = (self._values.read(key) or b"").decode()
        if holder != rehearsal_id:
            message = "A rehearsal of this org is running."
            raise ChangeoverError(errors.REHEARSAL_RUNNING, message)

    def _kept(self, org_id: str, rehearsal_id: str) -> KeptRehearsal | None:
        found = self._values.read(f"{org_id}.{rehearsal_id}")
        if found is None or rehearsal_id == _RUNNING:
            return None
        kept = msgspec.json.decode(found, type=KeptRehearsal)
        holder = (self._values.read(f"{org_id}.{_RUNNING}") or b"").decode()
        if kept.state is RehearsalState.RUNNING and holder != rehearsal_id:
            # It may have ended between the two looks.
            again = self._values.read(f"{org_id}.{rehearsal_id}")
            kept = msgspec.json.decode(again, type=KeptRehearsal) if again is not None else kept
            if kept.state is RehearsalState.RUNNING:
                kept = replace(kept, state=RehearsalState.STOPPED, problem=GONE)
                self._keep(org_id, kept)
        return kept

    def _keep(self, org_id: str, kept: KeptRehearsal) -> None:
        self._values.write(f"{org_id}.{kept.rehearsal_id}", msgspec.json.encode(kept), KEPT_FOR)

    def _run(self, org_id: str, kept: KeptRehearsal, source: OrgSource) -> None:
        """Rehearse; whatever ends it, it is no longer said to be running."""
        running, mine = f"{org_id}.{_RUNNING}", kept.rehearsal_id.encode()
        ended = threading.Event()
        alive = threading.Thread(target=self._stay, args=(running, kept.rehearsal_id, ended), daemon=True)
        alive.start()
        try:
            kept = self._rehearsed(org_id, kept, source)
        except ChangeoverError as error:
            kept = replace(kept, state=RehearsalState.STOPPED, problem=f"{error.message} {error.remedy}")
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it who could tell
            _log.error("rehearsal-failed", rehearsal=kept.rehearsal_id, trace=trace_of(error))
            kept = replace(
                kept, state=RehearsalState.STOPPED, problem="A fault of ours; the server's log says more."
            )
        ended.set()
        alive.join()
        with suppress(ChangeoverError):
            self._keep(org_id, kept)
            if self._values.read(running) == mine:
                self._values.remove(running)

    def _stay(self, running: str, rehearsal_id: str, ended: threading.Event) -> None:
        """Renew the lease until the rehearsal has ended; a database that is busy is asked again.

        Where this process stood still for so long that another rehearsal has the lease by now, it keeps it.
        """
        mine = rehearsal_id.encode()
        while not ended.wait(_RENEW_SECONDS):
            with suppress(ChangeoverError):
                if self._values.read(running) in {None, mine}:
                    self._values.write(running, mine, LEASE)

    def _rehearsed(self, org_id: str, kept: KeptRehearsal, source: OrgSource) -> KeptRehearsal:
        tally, due = Tally(), time.monotonic() + _WRITE_SECONDS
        with self._copies() as copy:
            for app in Rehearsal(copy, source, [one.name for one in kept.setting.assumed]).apps():
                told = app_told(app)
                tally.add(told)
                kept = replace(kept, apps=(*kept.apps, told), summary=tally.figures)
                if self._halt.is_set():
                    return replace(kept, state=RehearsalState.STOPPED, problem="The server was stopped.")
                begun = time.monotonic()
                if begun > due:
                    self._keep(org_id, kept)
                    took = time.monotonic() - begun
                    due = begun + max(_WRITE_SECONDS, took * _WRITE_SHARE)
        return replace(kept, state=RehearsalState.DONE)
