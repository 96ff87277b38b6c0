"""Rules about what will be lost, kept without being understood, or work otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf, element_at, strange_values
from changeover.apps.policies import read_refresh_token_policy
from changeover.apps.secrets import masked
from changeover.migration import decisions
from changeover.migration.finding import Severity, Status
from changeover.migration.mapping import losses as lost
from changeover.migration.mapping.result import loss_of_leaf
from changeover.migration.rules.rule import Case, Rule, Seen, Unseen, listed

_OWN_RULES = frozenset({lost.SCOPES.source, lost.IP_ALLOWLIST.source})


def scope_without_token(case: Case) -> Iterator[Seen | Unseen]:
    """Scopes for which no token of external client apps is known."""
    gone = [scope for scope in case.values("oauthConfig/scopes[]") if scope in lost.SCOPES_LOST]
    if gone:
        yield Seen(f"{case.name} has {listed(gone)}: no token of external client apps is known for it.")


SCOPE_WITHOUT_TOKEN = Rule(
    id="scope-without-token",
    title="A scope is lost",
    severity=Severity.WARNING,
    status=Status.INFERRED,
    source="Metadata API guide, ExtlClntAppOauthSettings: scope tokens; @salesforce/types 1.9.0",
    remedy="Look for the scope on the external client app after the migration, before clients ask for it.",
    check=scope_without_token,
)


def settings_without_home(case: Case) -> Iterator[Seen | Unseen]:
    """Settings that an external client app has no place for, one finding a consequence."""
    by_loss: dict[str, list[str]] = {}
    for leaf in case.leaves:
        loss = loss_of_leaf(leaf)
        if loss is not None and loss.source not in _OWN_RULES:
            shown = f"{leaf.path} {leaf.value}" if loss.values is not None else leaf.path
            by_loss.setdefault(loss.consequence, []).append(shown)
    for consequence, paths in by_loss.items():
        yield Seen(f"{case.name}: {listed(paths)}. {consequence}")
    if not case.situation.in_org:
        yield Unseen(
            "Setup, App Manager, the app, Mobile App Settings: PIN length and screen lock are in no file."
        )


SETTINGS_WITHOUT_HOME = Rule(
    id="settings-without-home",
    title="Settings have no home on an external client app",
    severity=Severity.WARNING,
    status=Status.INFERRED,
    source="Comparison of the two kinds' fields in the Metadata API guide and in @salesforce/types 1.9.0",
    remedy="Note the values; decide whether the app can do without them.",
    check=settings_without_home,
)


def refresh_token_ip_allowlist(case: Case) -> Iterator[Seen | Unseen]:
    """The allowlist's values are not migrated."""
    if not case.facts.oauth:
        return
    switch = case.value("oauthConfig/isIpBindingEnabled")
    if switch == "true":
        yield Seen(f"{case.name} binds refresh tokens to an IP allowlist, and its values are not migrated.")
    elif not switch and not case.situation.in_org:
        yield Unseen(
            "Setup, App Manager, the app: an IP allowlist for refresh tokens; older files do not show it."
        )


REFRESH_TOKEN_IP_ALLOWLIST = Rule(
    id="refresh-token-ip-allowlist",
    title="The IP allowlist of refresh tokens is not migrated",
    severity=Severity.WARNING,
    status=Status.DOCUMENTED,
    source="Salesforce Help 005387022",
    remedy="Write the ranges down; enter them on the external client app, and touch one record afterwards.",
    check=refresh_token_ip_allowlist,
)


def attribute_formula(case: Case) -> Iterator[Seen | Unseen]:
    """Formulas of custom attributes are carried unchanged."""
    attributes = case.repeated("attributes")
    count = sum(1 for leaf in attributes if leaf.path.endswith("/formula") and leaf.value.strip())
    if count:
        word = "formula" if count == 1 else "formulas"
        yield Seen(
            f"{case.name} has {count} attribute {word}. Connected apps write $User.Department; samples of"
            f" external client apps write it otherwise ({decisions.FORMULAS_UNCHANGED.id})."
        )


ATTRIBUTE_FORMULA = Rule(
    id="attribute-formula",
    title="Attribute formulas are carried unchanged",
    severity=Severity.WARNING,
    status=Status.INFERRED,
    source="Metadata API guide, samples of ExtlClntAppOauthSettings and ExtlClntAppSamlConfigurablePolicies",
    remedy="Log in once after the migration and look at the attributes in the token or assertion.",
    check=attribute_formula,
)


def comma_in_name(case: Case) -> Iterator[Seen | Unseen]:
    """Names of profiles and permission sets are joined with commas: one that holds a comma reads as two."""
    names = (*case.values("permissionSetName[]"), *case.values("profileName[]"))
    found = list(dict.fromkeys(name for name in names if "," in name))
    if found:
        quoted = listed(f"“{name}”" for name in found)
        yield Seen(
            f"{case.name} names {quoted}: in an external client app's list a comma parts two names, so it"
            " reads as others."
        )


COMMA_IN_NAME = Rule(
    id="comma-in-name",
    title="A profile or permission set has a comma in its name",
    severity=Severity.WARNING,
    status=Status.INFERRED,
    source="Metadata API guide, ExtlClntAppOauthConfigurablePolicies: commaSeparatedProfile and"
    " commaSeparatedPermissionSet",
    remedy="Rename it beforehand, or look at the policies after the migration and select it there again.",
    check=comma_in_name,
)

_LONGEST_SHOWN = 40


def _strange(case: Case) -> Iterator[Leaf]:
    yield from strange_values(case.app)
    policy = case.app.oauth_policy.refresh_token_policy if case.app.oauth_policy else None
    # A small language, not a list of values: no declaration of the field can tell.
    if policy is not None and read_refresh_token_policy(policy) is None:
        yield Leaf("oauthPolicy/refreshTokenPolicy", policy)


def unknown_element(case: Case) -> Iterator[Seen | Unseen]:
    """Elements and values that Changeover keeps without understanding them."""
    shown = []
    for leaf in _strange(case):
        element = element_at(ConnectedApp, leaf.path)
        # Only values of switches and lists are shown: of any other nobody knows whether it is a secret.
        switch = element is not None and (
            element.kind in {"boolean", "integer"} or element.values is not None
        )
        value = masked(leaf)
        short = value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…"
        shown.append(f"{leaf.path} = {short}" if switch else leaf.path)
    if shown:
        yield Seen(
            f"{case.name} holds what Changeover does not know: {listed(shown)}. It is kept as it stands."
        )


UNKNOWN_ELEMENT = Rule(
    id="unknown-element",
    title="Something in the file is not known",
    severity=Severity.WARNING,
    status=Status.OURS,
    source="Changeover, by the Metadata API guide and @salesforce/types 1.9.0",
    remedy="Look at the account: it says where each was kept; correct the file where it is a slip.",
    check=unknown_element,
)
