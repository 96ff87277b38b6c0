"""Does an account hold? A judge of the tests' own: both directions, by value, on plain path and text.

It knows nothing of the mapping. It is given what stands in the source, what stands in the written documents,
and the account, each as plain data.
"""

from __future__ import annotations

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
