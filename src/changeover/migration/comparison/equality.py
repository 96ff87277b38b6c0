"""When two values of one leaf say the same, though they are not written alike.

Source: files retrieved from orgs: certificates wrapped or in one line, lists with and without spaces,
callback URLs parted by LF or CR LF, the two spellings of Enforce_relaxrefresh.
"""

from __future__ import annotations

import re

from changeover.apps.scopes import split_scopes

_ARMOUR = re.compile(r"-----[A-Z ]+-----|\s+")


def meaning(path: str, value: str) -> object:
    """Return what a leaf says, so that equal things compare equal."""
    name = path.rpartition("/")[2].partition("[")[0]
    if name.startswith("commaSeparated"):
        return frozenset(split_scopes(value))
    if name == "callbackUrl":
        return frozenset(value.split())
    if name in {"certificate", "encryptionCertificate", "clientAssertionCertificate"}:
        return _ARMOUR.sub("", value)
    if name in {"ipRelaxationPolicyType", "externalClientApplication"}:
        return value.strip().casefold()
    return value.replace("\r\n", "\n")
