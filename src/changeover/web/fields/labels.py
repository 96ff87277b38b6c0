"""What the label tables are made of."""

from __future__ import annotations

from typing import NamedTuple


class Label(NamedTuple):
    """How Setup names one field."""

    path: str
    """Leaf path without indices; of an external client app it begins with the part's suffix."""
    label: str
    help: str = ""
    control: str = ""
    """`area`, `scopes`, `profiles`, `permission_sets` or `refresh`, where the schema does not say it."""
    opposite: bool = False
    """Setup shows the opposite: "Require secret" where the element says that it is optional."""
    default: bool = False
    """What Salesforce takes where the element is missing; of booleans only."""


class Section(NamedTuple):
    """Fields under one heading."""

    title: str
    labels: tuple[Label, ...]
    always: bool = False
    """Shown even where the app has none of it."""
    none: str = ""
    """What to say of an app that has none of it."""
