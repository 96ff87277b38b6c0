"""What the runbook says once for all apps. What stands between backticks is typed or clicked as it stands.

Sources: Salesforce Help, “Create an External Client App from a Connected App” (docs/article.md has it
sentence by sentence); the rules for what may take the button away.
"""

from __future__ import annotations

from typing import NamedTuple

from changeover.migration.finding import Severity
from changeover.migration.rules import RULES
from changeover.migration.rules.origin import ALREADY_MIGRATED

# A sentence a line; a line that begins with blanks goes on with the one above.
_BEFORE = """\
Whoever clicks needs the user permission `Create, edit, and delete External Client Apps`, and what it takes to
  open Setup.
The article names Professional, Performance, Unlimited and Developer Editions; a release note adds Enterprise.
  The org must have opted in to external client apps.
Keep what is there: `changeover manifest` prints the commands that bring all apps, their policies, the files
  that refer to them and Login History into a folder. Keep that folder as it is.
Tell the people named at each app when it is its turn: what is lost is lost at the click.
Begin with a sandbox if you have one: it has the connected apps too, and shows what your org does.
"""
_CLICKS = """\
Setup, Quick Find `App Manager`, then App Manager.
Click the name of the connected app.
Click `Migrate to External Client App`.
Confirm that the app is local and that it does not use the username-password flow, each only if it is true of
  this app.
Click `Migrate`. A window opens with a link to the new external client app: open it, and look at its settings
  and policies.
"""
_AFTER = """\
Retrieve again what `changeover manifest` lists, into a folder of its own.
`changeover verify BEFORE AFTER --json > verified.json` compares each external client app with what it should
  have become.
Make this runbook anew with `--verified verified.json`: what is right is ticked off, what differs is named.
Some days later compare two Login Histories with `changeover verify BEFORE AFTER --logins`: it says who fell
  silent.
"""
_BACK = """\
Delete the external client app in External Client App Manager. The connected app is active again, with its
  settings and policies as they were at the click; what was changed on the external client app since is lost.
Until then the connected app can be looked at and not changed: make all changes on the external client app.
"""


def _sentences(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\n  ", " ").splitlines())


BEFORE = _sentences(_BEFORE)
CLICKS = _sentences(_CLICKS)
AFTER = _sentences(_AFTER)
BACK = _sentences(_BACK)
MISSING = (
    "The button is there only for an app that may be migrated, and Salesforce shows no reason where it is"
    " not. Go through this list from the top. The permission, the edition and the opt-in above take it away"
    " from all apps at once."
)
LINKS = (
    "The links lead to pages whose addresses Salesforce does not document: they are those that its users"
    " report. Where one leads nowhere, go by the clicks."
)
PIPELINE = (
    "Your own deployments log in with these apps. Migrate them when everything else is done, and have another"
    " way in at hand."
)
BLOCKED = (
    "Salesforce shows no button for these as they are, or probably none. Do what each says first, then plan"
    " again."
)
LOOK = (
    "No file shows these, of any app. Look at each app before you click; what is special to one stands there."
)


class Reason(NamedTuple):
    """What may take the button away."""

    title: str
    remedy: str
    sure: str
    """How sure we are, and where it stands."""


def reasons() -> tuple[Reason, ...]:
    """Return what may take the button away, the surest first as far as the rules' order allows."""
    return tuple(
        Reason(rule.title, rule.remedy, f"{rule.status.value}: {rule.source}")
        for rule in RULES
        if rule.severity is Severity.BLOCKER and rule.id != ALREADY_MIGRATED.id
    )
