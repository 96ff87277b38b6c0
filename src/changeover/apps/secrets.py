"""Which leaves are secrets, and how a secret is shown where it must not be shown."""

from __future__ import annotations

from changeover.apps.document import Leaf

MASK = "••••••"

# Last element of the leaf's path. A consumer key and a certificate are public, a certificate's key is not.
SECRET_ELEMENTS = frozenset({"consumerSecret", "serviceAccount", "signingKey", "password"})


def is_secret(path: str) -> bool:
    """Whether the leaf at a path holds a secret. A .p12 archive holds its private key."""
    name = path.rsplit("/", 1)[-1]
    return name in SECRET_ELEMENTS or path.endswith("applePushConfig/certificate")


def masked(leaf: Leaf) -> str:
    """Return the leaf's value, or the mask in its place where it is a secret that is set."""
    return MASK if leaf.value and is_secret(leaf.path) else leaf.value
