"""What is wrong with plans, and with what is read along with them."""

from __future__ import annotations

from changeover.errors.kind import ErrorKind

PLAN_UNREADABLE = ErrorKind(
    "E-PLAN-UNREADABLE",
    400,
    "A file is no plan, is broken, or was written in a format that this Changeover does not know.",
    "Make a plan with `changeover plan`, and do not edit it by hand.",
)
PLAN_STALE = ErrorKind(
    "E-PLAN-STALE",
    409,
    "What a plan rests on has changed since it was made; nothing was changed.",
    "Look at what has changed, and make the plan anew.",
)
PLAN_ENGINE = ErrorKind(
    "E-PLAN-ENGINE",
    409,
    "The plan was made by another Changeover, which may make another result; nothing was changed.",
    "Make the plan anew with this Changeover, or apply it with the one that made it.",
)
PLAN_OTHER_PLACE = ErrorKind(
    "E-PLAN-OTHER-PLACE",
    409,
    "The plan, or the record of what it did, belongs to another org or folder; nothing was changed.",
    "Name the org or folder that it was made for, or make a plan for this one.",
)
VERIFICATION_UNREADABLE = ErrorKind(
    "E-VERIFICATION-UNREADABLE",
    400,
    "A file is no answer of `changeover verify --json`.",
    "Write one with `changeover verify SOURCE TARGET --json > verified.json`.",
)
APP_IDS_UNREADABLE = ErrorKind(
    "E-APP-IDS-UNREADABLE",
    400,
    "A list of the apps' ids in Setup cannot be read.",
    "Write a CSV with the columns Name and Id, as `SELECT Id, Name FROM ConnectedApplication` answers.",
)
OWNERS_UNREADABLE = ErrorKind(
    "E-OWNERS-UNREADABLE",
    400,
    "A list of owners cannot be read.",
    "Write a CSV with the columns app, owner, contact and wave; app is the API name, and each stands once.",
)
