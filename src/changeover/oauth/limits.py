"""How often logins may fail, and how many there may be: what an operator sets, and `oauth.guard` holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is counted."""

    CLIENT = "client"
    USER = "user"
    ADDRESS = "address"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How often; 0 for no limit."""

    failures: Mapping[Kind, int]
    logins: Mapping[Kind, int]


DEFAULT = Limits(
    failures={Kind.CLIENT: 10, Kind.USER: 5, Kind.ADDRESS: 100},
    logins=dict.fromkeys(Kind, 0),
)
"""Failures in a quarter of an hour; no limit on logins. Five is half of what locks a user altogether."""
