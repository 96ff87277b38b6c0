"""Who works in the sample org: one user for each kind of permission."""

from __future__ import annotations

from typing import NamedTuple

from changeover.org.installation import ADMINISTRATOR


class Person(NamedTuple):
    """One user of the sample org."""

    username: str
    name: str
    profile: str
    permission_sets: tuple[str, ...]
    may: str
    """What this user is there to show."""


ADMIN = Person(
    "admin@sample.changeover.example", "Ada Admin", ADMINISTRATOR, (), "everything: the administrator"
)
PEOPLE = (
    Person(
        "dana@sample.changeover.example",
        "Dana Developer",
        "Standard User",
        ("External_Client_App_Developer",),
        "migrate: only the article's permission, and access to Setup",
    ),
    Person(
        "paul@sample.changeover.example",
        "Paul Policies",
        "Standard User",
        ("External_Client_App_Admin",),
        "edit the policies of external client apps, not their settings",
    ),
    Person("rita@sample.changeover.example", "Rita Reader", "Read Only", (), "look at everything in Setup"),
    Person("noah@sample.changeover.example", "Noah Nobody", "Standard User", (), "nothing in Setup"),
)


class Colleague(NamedTuple):
    """Somebody who uses the apps of the sample org, with a password that nobody is told."""

    username: str
    name: str
    active: bool = True


COLLEAGUES = (
    Colleague("kim@acme.example", "Kim Customer"),
    Colleague("lee@acme.example", "Lee Surveyor"),
    Colleague("tess@acme.example", "Tess Technician"),
    Colleague("petra.former@acme.example", "Petra Former", active=False),
)
