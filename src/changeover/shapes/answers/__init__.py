"""What each command prints with `--json`, by the name under which its schema is published."""

from __future__ import annotations

from msgspec import Struct

from changeover.shapes.answers import files, installations, orgs, plans
from changeover.shapes.people import NewApiToken

ANSWERS: dict[str, tuple[type[Struct], ...]] = {
    "access-give": (orgs.AccessList,),
    "access-list": (orgs.AccessList,),
    "access-take": (orgs.AccessList,),
    "apply": (plans.Apply,),
    "apps": (orgs.Apps,),
    "assess": (files.Assess,),
    "audit": (orgs.Audit,),
    "backup": (installations.Backup,),
    "batches": (orgs.BatchList, orgs.BatchStopped, orgs.BatchOutcomes),
    "convert": (files.Convert,),
    "doctor": (orgs.Doctor,),
    "export": (orgs.Export,),
    "import": (orgs.Import,),
    "key-retire": (installations.KeysRetired,),
    "key-rotate": (installations.KeyRotated,),
    "key-status": (installations.KeyStatus,),
    "manifest": (files.Manifest,),
    "migrate": (orgs.BatchOutcomes,),
    "org-create": (orgs.OrgCreate,),
    "org-env": (orgs.OrgEnv,),
    "org-list": (orgs.OrgList,),
    "org-set": (orgs.OrgChanged,),
    "plan-make": (plans.PlanMade,),
    "plan-show": (plans.PlanShow,),
    "report": (files.Report,),
    "restore": (installations.Backup,),
    "revert": (
        orgs.Revert,
        orgs.BatchLost,
        orgs.BatchOutcomes,
        plans.PlanLosses,
        plans.PlanReverted,
    ),
    "schema": (files.SchemaList,),
    "serve": (orgs.Serve,),
    "user-activate": (orgs.UserChanged,),
    "user-assign": (orgs.UserChanged,),
    "user-create": (orgs.UserCreate,),
    "user-deactivate": (orgs.UserChanged,),
    "user-list": (orgs.UserList,),
    "user-password": (orgs.UserPassword,),
    "user-session-end": (orgs.SessionEnd,),
    "user-session-list": (orgs.SessionList,),
    "user-token-create": (NewApiToken,),
    "user-token-list": (orgs.TokenList,),
    "user-token-revoke": (orgs.TokenRevoke,),
    "user-unassign": (orgs.UserChanged,),
    "verify": (files.Verify,),
    "worker": (installations.Worker,),
}
"""By name of the schema (the words of the command, joined by hyphens): the forms that its answer may have."""
VERSIONS: dict[str, int] = {}
"""The version of a schema that is not the first. Raised when a field goes, or means something else."""
