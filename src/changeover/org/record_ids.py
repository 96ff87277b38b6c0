"""Record ids: 15 characters that tell capitals apart, or 18 that need not be.

Source: Salesforce Help, "What is a Salesforce record ID" (15 case-sensitive characters; three more check).
"""

from __future__ import annotations

import hashlib
import string

SHORT, LONG = 15, 18
_CAPITALS = str.maketrans({char: str(int(char.isupper())) for char in string.ascii_letters + string.digits})
_CHECK = {f"{number:05b}"[::-1]: char for number, char in enumerate(string.ascii_uppercase + "012345")}
"""What tells which of five characters are capitals, by a 1 for each that is one."""
_BASE62 = string.ascii_uppercase + string.ascii_lowercase + string.digits
_PREFIX = 3
MOST = 2**31 - 1
"""The largest number that a database gives a row."""


def checked(fifteen: str) -> str:
    """Return an 18-character record id: each five characters add one that tells which are capitals."""
    capitals = fifteen.translate(_CAPITALS)
    return fifteen + _CHECK[capitals[:5]] + _CHECK[capitals[5:10]] + _CHECK[capitals[10:]]


def long_id(text: str) -> str | None:
    """Return an id with 18 characters, None for a text that is no id.

    The last three of 18 characters are not believed but made anew: who changes the case of the others asks
    for another record.
    """
    if len(text) not in {SHORT, LONG} or not text.isascii() or not text.isalnum():
        return None
    return checked(text[:SHORT])


def numbered(prefix: str, number: int) -> str:
    """Return the id of a record that the store only numbers."""
    digits = []
    for _ in range(SHORT - _PREFIX):
        number, digit = divmod(number, len(_BASE62))
        digits.append(_BASE62[digit])
    return checked(prefix + "".join(reversed(digits)))


def named(prefix: str, *names: str) -> str:
    """Return the id of a record that the store keeps no id of: the same one for the same names."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return numbered(prefix, int.from_bytes(digest) % len(_BASE62) ** (SHORT - _PREFIX))


def number_of(prefix: str, record_id: str) -> int | None:
    """Return the number of such a record's id, None for one that no store could number."""
    if not record_id.startswith(prefix) or len(record_id) < SHORT:
        return None
    number = 0
    for character in record_id[_PREFIX:SHORT]:
        digit = _BASE62.find(character)
        if digit < 0:
            return None
        number = number * len(_BASE62) + digit
    return number if number <= MOST else None
