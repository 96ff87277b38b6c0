"""Does an account hold? A judge of the tests' own: both directions, by value, on plain path and text.

It knows nothing of the mapping. It is given what stands in the source, what stands in the written documents,
and the account, each as plain data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from changeover.migration.account import Account, Kind

Leaves = Mapping[str, str]

MAY_BE_LOST = (
    "mobileStartUrl",
    "mobileAppConfig",
    "oauthConfig/isIpBindingEnabled",
    "oauthConfig/scopes",
    "canvasConfig/locations",
    "canvasConfig/options",
    "canvas/locationOptions",
)
# Of these only some values may be lost.
LOST_VALUES = {
    "oauthConfig/scopes": {"A2A", "CmdbDiscovery", "SemanticLayer"},
    "canvasConfig/locations": {"Chatter", "ServiceDesk", "OpenCTI", "UserProfile", "AppLauncher"},
    "canvasConfig/options": {"PersonalEnabled"},
}


def judge(
    source: Leaves,
    references: Mapping[str, str],
    written: Mapping[str, Leaves],
    account: Account,
    kept_files: Mapping[str, Leaves],
) -> None:
    """Fail where the account does not hold.

    Args:
        source: path and text of each leaf of the connected app.
        references: `file:path` and text of each reference.
        written: by component (`App_oauth.ecaOauth`), path and text of each leaf.
        account: what the mapping says.
        kept_files: by file, path and text of the leaves of referring files that stay as they are.
    """
    _forwards(source, references, {**kept_files, **written}, account)
    _backwards(written, account)


def _forwards(
    source: Leaves, references: Mapping[str, str], where: Mapping[str, Leaves], account: Account
) -> None:
    """Exactly one entry a leaf and a reference, with its very value; the targets hold what it says."""
    told = Counter(entry.source for entry in account.entries)
    assert told == Counter({**dict.fromkeys(source, 1), **dict.fromkeys(references, 1)})
    for entry in account.entries:
        given = source.get(entry.source, references.get(entry.source))
        assert entry.value == given, entry
        values = [target.value for target in entry.targets]
        if entry.source in source and values:
            assert means(entry.source, entry.value, values), entry
        match entry.kind:
            case Kind.CARRIED:
                assert values == [given], entry
            case Kind.TRANSLATED:
                assert len(values) == 1, entry
                assert values[0] != given, entry
            case Kind.SPLIT:
                assert len(values) > 1, entry
            case Kind.LOST:
                assert values == [], entry
                assert entry.note, entry
                if entry.source in source:
                    _may_be_lost(entry.source, entry.value)
        for target in entry.targets:
            assert where[target.component].get(target.path) == target.value, (entry, target)


def _backwards(written: Mapping[str, Leaves], account: Account) -> None:
    """Every written leaf is a target or was added with a reason, and not both."""
    targets = {(t.component, t.path) for entry in account.entries for t in entry.targets}
    added = Counter((one.target.component, one.target.path) for one in account.added)
    assert all(count == 1 for count in added.values()), added
    for component, leaves in written.items():
        for path, value in leaves.items():
            place = (component, path)
            assert (place in targets) != (place in added), place
            assert value is not None
    for one in account.added:
        assert one.why
        assert written[one.target.component][one.target.path] == one.target.value, one


def _may_be_lost(path: str, value: str) -> None:
    kind = next((known for known in MAY_BE_LOST if path.startswith(known)), None)
    assert kind is not None, path
    assert value in LOST_VALUES.get(kind, {value}), (path, value)


RENAMED = {
    "SFAP": "SFApiPlatform",
    "Address": "Basic",
    "Email": "Basic",
    "Phone": "Basic",
    "Profile": "Basic",
    "OfflineAccess": "RefreshToken",
}
WORDS = {
    "oauthConfig/isAdminApproved": {"true": "AdminApprovedPreAuthorized", "false": "AllSelfAuthorized"},
    "oauthPolicy/ipRelaxation": {
        "ENFORCE": "Enforce",
        "BYPASS": "Bypass",
        "BYPASS_2FACTOR": "Bypass_2factor",
        "ENFORCE_RELAXREFRESH": "Enforce_relaxrefresh",
    },
    "oauthPolicy/refreshTokenPolicy": {"infinite": "Infinite", "zero": "Zero"},
    "canvas/samlInitiationMethod": {"0": "None"},
}
TIMED = {"specific_lifetime": "SpecificLifetime", "specific_inactivity": "SpecificInactivity"}
LOCATIONS = {
    "VF": "Visualforce",
    "AR": "Aura",
    "MP": "Publisher",
    "CF": "ChatterFeed",
    "MN": "MobileNav",
    "PL": "PageLayout",
}
CODES = {
    "canvas/locationOptions": {**LOCATIONS, "CT": "", "SD": "", "CTI": ""},
    "canvas/canvasOptions": {"HS": "HideShare", "HH": "HideHeader"},
}


def means(path: str, given: str, values: list[str]) -> bool:
    """Whether the written values say what the source said.

    Scopes and names must stand in the list; what is no known translation must be the value itself.
    """
    key = re.sub(r"\[\d+\]", "[]", path)
    if key in {"oauthConfig/scopes[]", "permissionSetName[]", "profileName[]"}:
        wanted = RENAMED.get(given, given) if key.startswith("oauth") else given
        return all(_names(wanted) <= _names(value) for value in values)
    said = _said(key, given)
    return values == said if said is not None else {*values} == {given}


def _said(key: str, given: str) -> list[str] | None:
    """What a known value is translated to, None where it is none."""
    if given in WORDS.get(key, {}):
        return [WORDS[key][given]]
    timed = re.fullmatch(r"(specific_[a-z]+):(\d+):(HOURS|DAYS|MONTHS)", given)
    if key == "oauthPolicy/refreshTokenPolicy" and timed is not None:
        return [TIMED[timed[1]], timed[2], timed[3].capitalize()]
    codes = CODES.get(key, {})
    if codes and {*given.split(",")} <= codes.keys():
        return [codes[code] for code in given.split(",") if codes[code]]
    return [given, "Custom"] if key == "startUrl" and given.strip() else None


def _names(listed: str) -> set[str]:
    return {name.strip() for name in listed.split(",")} - {""}
