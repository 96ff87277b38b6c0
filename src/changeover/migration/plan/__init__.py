"""The plan: per app what was seen, what must be confirmed, what will be made and what is lost; as data, pure.

`document` holds the records of which a plan consists, `making` makes an app's record, `fingerprint` says
whether a record still fits its app, `building` turns what is planned into documents. Plan files are read and
written in `changeover.plans`.
"""

from changeover.migration.plan.building import Built, build_planned
from changeover.migration.plan.document import (
    FORMAT,
    Asked,
    Confirmation,
    Engine,
    FileTrouble,
    Given,
    LastUser,
    LoginWindow,
    Lost,
    OrgIdentity,
    Owner,
    PlanEnd,
    PlanHead,
    PlannedApp,
    PlannedComponent,
    PlannedExternalClientApp,
    PlannedFinding,
    PlannedHidden,
    PlannedLeaf,
    Source,
    SourceKind,
)
from changeover.migration.plan.fingerprint import fingerprint
from changeover.migration.plan.making import (
    Seen,
    plan_app,
    planned_external_client_app,
    planned_leaves,
    visible_leaves,
)

__all__ = [
    "FORMAT",
    "Asked",
    "Built",
    "Confirmation",
    "Engine",
    "FileTrouble",
    "Given",
    "LastUser",
    "LoginWindow",
    "Lost",
    "OrgIdentity",
    "Owner",
    "PlanEnd",
    "PlanHead",
    "PlannedApp",
    "PlannedComponent",
    "PlannedExternalClientApp",
    "PlannedFinding",
    "PlannedHidden",
    "PlannedLeaf",
    "Seen",
    "Source",
    "SourceKind",
    "build_planned",
    "fingerprint",
    "plan_app",
    "planned_external_client_app",
    "planned_leaves",
    "visible_leaves",
]
