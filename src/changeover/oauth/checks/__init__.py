"""What must hold before an app gets a token for a user: a list of small checks, asked in this order.

A new check is one function in the module it belongs to, and one line here. Protocol (parameters, codes,
signatures) is Authlib's business and the grants'; here stands what admins set.
"""

from changeover.oauth.attempt import Attempt, Check
from changeover.oauth.checks.addresses import trusted_address
from changeover.oauth.checks.apps import app_enabled, app_not_blocked
from changeover.oauth.checks.flows import flow_on
from changeover.oauth.checks.people import permitted_user, user_active
from changeover.oauth.checks.sessions import session_level
from changeover.oauth.refusals import Refusal

CHECKS: tuple[Check, ...] = (
    app_enabled,
    app_not_blocked,
    flow_on,
    user_active,
    permitted_user,
    trusted_address,
    session_level,
)


def refusal_of(attempt: Attempt) -> Refusal | None:
    """Return the first reason to refuse an attempt, None where all checks let it pass."""
    return next((found for check in CHECKS if (found := check(attempt)) is not None), None)
