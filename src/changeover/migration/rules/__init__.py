"""The rules of eligibility, in the order in which an assessment lists what they say.

Each rule is a small pure function with its facts beside it; a new rule is one function and one line here.
Sources: salesforce-reference section 4.2 to 4.8.
"""

from changeover.migration.finding import Severity
from changeover.migration.rules import afterwards, features, flows, limits, losses, origin, use
from changeover.migration.rules.rule import Case, Rule, Seen, Unseen

RULES: tuple[Rule, ...] = (
    # What the app is.
    origin.NOT_LOCAL,
    origin.ALREADY_MIGRATED,
    # What takes the button away, or must be confirmed.
    features.PUSH_SETTINGS_INVALID,
    flows.USERNAME_PASSWORD_SEEN,
    flows.USERNAME_PASSWORD_POSSIBLE,
    features.USER_PROVISIONING,
    features.CUSTOM_HANDLER,
    features.CANVAS,
    features.DYNAMIC_REGISTRATION,
    features.SAML_TRIPLE_DES,
    origin.NAME_TAKEN,
    origin.PART_NAME_TAKEN,
    origin.KEY_NOT_VISIBLE,
    limits.TOO_MANY_IP_RANGES,
    limits.TOO_MANY_ATTRIBUTES,
    flows.OWN_PIPELINE,
    # What will be lost or work otherwise.
    losses.SCOPE_WITHOUT_TOKEN,
    losses.SETTINGS_WITHOUT_HOME,
    losses.REFRESH_TOKEN_IP_ALLOWLIST,
    losses.ATTRIBUTE_FORMULA,
    losses.COMMA_IN_NAME,
    # What ends on a day.
    flows.USER_AGENT_FLOW_ENDS,
    flows.DEVICE_FLOW,
    afterwards.REFRESH_TOKEN_IDLE_LIMIT,
    afterwards.CONNECTED_APP_SUPPORT_ENDS,
    # What to know.
    use.NO_USE_SEEN,
    afterwards.NEITHER_OAUTH_NOR_SAML,
    afterwards.NOT_COPIED_TO_SANDBOXES,
    origin.KEY_USED_ELSEWHERE,
    origin.DUPLICATE_NAME,
    losses.UNKNOWN_ELEMENT,
    origin.LEFTOVER_PARTS,
    afterwards.SHARED_LABEL,
    afterwards.EDITION,
)

# Blockers that take Setup's button away and nothing else: an external client app that is made otherwise may
# stand beside the connected app all the same. Any other blocker says that there can be none.
ABOUT_THE_BUTTON = frozenset(
    rule.id
    for rule in (
        features.PUSH_SETTINGS_INVALID,
        features.USER_PROVISIONING,
        features.CUSTOM_HANDLER,
        features.CANVAS,
        features.DYNAMIC_REGISTRATION,
        features.SAML_TRIPLE_DES,
        origin.NAME_TAKEN,
    )
)

HARMLESS = frozenset({Severity.WARNING, Severity.NOTE})
"""Severities that bear neither on the verdict nor on what is confirmed."""

BEARING = tuple(rule for rule in RULES if rule.severity not in HARMLESS or rule is origin.ALREADY_MIGRATED)
"""The rules on which the verdict and the confirmations rest. A rule says nothing heavier than itself."""

BY_ID = {rule.id: rule for rule in RULES}

__all__ = ["ABOUT_THE_BUTTON", "BEARING", "BY_ID", "HARMLESS", "RULES", "Case", "Rule", "Seen", "Unseen"]
