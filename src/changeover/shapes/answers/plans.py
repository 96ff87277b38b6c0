"""What the commands on plans print with `--json`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from changeover.migration.plan.document import Confirmation, Owner, PlannedApp
from changeover.shapes.answers.common import Problem, Refused
from changeover.shapes.external_client_apps import LostChange


class PlanMade(Struct, frozen=True, kw_only=True):
    """The answer of `changeover plan make`."""

    plan: Annotated[str, Meta(description="The file that was written.")]
    verdicts: Annotated[dict[str, int], Meta(description="How many apps of the plan have which verdict.")]
    unknown_owners: Annotated[
        tuple[Owner, ...], Meta(description="Rows of the list of owners whose app the source does not have.")
    ]
    errors: tuple[Problem, ...]


class PlanShow(Struct, frozen=True, kw_only=True):
    """The answer of `changeover plan show`: apps as they stand in the plan."""

    apps: tuple[PlannedApp, ...]
    error: Refused | UnsetType = UNSET


class WrittenFile(Struct, frozen=True, kw_only=True):
    """A file that applying a plan wrote."""

    path: str
    sha256: str


class AppliedApp(Struct, frozen=True, kw_only=True):
    """What became of one app, as its result file has it."""

    plan: Annotated[str, Meta(description="SHA-256 of the plan file.")]
    api_name: str
    path: str | None
    fingerprint: str
    outcome: Annotated[
        str,
        Meta(
            description="`applied`, `done` (it was there already), `skipped`, `stale`, `failed`, `reverted`."
        ),
    ]
    at: datetime
    by: str
    confirmed: tuple[Confirmation, ...]
    files: tuple[WrittenFile, ...]
    left_out: Annotated[tuple[str, ...], Meta(description="Secrets that were not written.")]
    code: str | None
    message: str
    remedy: str


class Apply(Struct, frozen=True, kw_only=True):
    """The answer of `changeover apply`."""

    outcomes: tuple[AppliedApp, ...]
    error: Refused | UnsetType = UNSET


class LostOfApp(Struct, frozen=True, kw_only=True):
    """What taking back an app loses, in an org as `revert` of that app says it; or why it is not."""

    api_name: str
    refused: Annotated[str | UnsetType | None, Meta(description="Of an org's app only where it is.")] = UNSET
    connected_app: str | UnsetType | None = UNSET
    version: int | UnsetType = UNSET
    changes: tuple[LostChange, ...] | UnsetType = UNSET
    key_changed: bool | UnsetType = UNSET
    secret_changed: bool | UnsetType = UNSET
    staged: bool | UnsetType = UNSET


class PlanLosses(Struct, frozen=True, kw_only=True):
    """The answer of `changeover revert --plan ... --list`."""

    lost: tuple[LostOfApp, ...]
    error: Refused | UnsetType = UNSET


class PlanReverted(Struct, frozen=True, kw_only=True):
    """The answer of `changeover revert` on a plan."""

    outcomes: tuple[AppliedApp, ...]
    error: Refused | UnsetType = UNSET
