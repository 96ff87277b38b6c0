"""What each command prints with `--json`, by the name under which its schema is published."""

from __future__ import annotations

from msgspec import Struct

from changeover.shapes.answers import files, installations, orgs, plans, rehearsals
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
    "logins-export": (orgs.ExportedRows,),
    "logins-list": (orgs.LoginList,),
    "manifest": (files.Manifest,),
    "migrate": (orgs.BatchOutcomes,),
    "org-create": (orgs.OrgCreate,),
    "org-env": (orgs.OrgEnv,),
    "org-list": (orgs.OrgList,),
    "org-set": (orgs.OrgChanged,),
    "permission-set-list": (orgs.PermissionSetList,),
    "permission-set-save": (orgs.PermissionSetSaved,),
    "plan-make": (plans.PlanMade,),
    "plan-show": (plans.PlanShow,),
    "profile-list": (orgs.ProfileList,),
    "profile-save": (orgs.ProfileSaved,),
    "rehearse": (rehearsals.Rehearse,),
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
    "usage-block": (orgs.Blocked,),
    "usage-export": (orgs.ExportedRows,),
    "usage-list": (orgs.AppUsageList,),
    "usage-revoke": (orgs.TokenRevoke,),
    "usage-tokens": (orgs.OauthTokenList,),
    "usage-unblock": (orgs.Blocked,),
    "usage-users": (orgs.UserUsageList,),
    "user-activate": (orgs.UserChanged,),
    "user-assign": (orgs.UserChanged,),
    "user-connection-list": (orgs.ConnectionList,),
    "user-connection-revoke": (orgs.TokenRevoke,),
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
