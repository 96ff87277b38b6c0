"""Which leaves are secrets, and how a secret is shown where it must not be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from changeover.apps.document import Leaf, remembered

MASK = "••••••"

# Names of elements. A consumer key and a certificate are public, a certificate's key is not.
SECRET_ELEMENTS = frozenset({"consumerSecret", "serviceAccount", "signingKey", "password"})

# What nobody knows may be a secret under another name; switches such as isConsumerSecretOptional are none.
_NAMES = frozenset(name.casefold() for name in SECRET_ELEMENTS)
_ENDINGS = ("secret", "password", "privatekey")
_SWITCHES = ("is", "should")
_PRIVATE_KEY = "PRIVATE KEY-----"


@remembered
def is_secret(path: str) -> bool:
    """Whether the leaf at a path holds a secret. A .p12 archive holds its private key.

    A secret is one wherever it stands: as a second element of the name (`consumerSecret[2]`), in other
    letters, in an attribute of the element or in an element below it.
    """
    names = [step.partition("[")[0].removeprefix("@") for step in path.split("/")]
    return any(map(_names_secret, names)) or names[-2:] == ["applePushConfig", "certificate"]


def _names_secret(name: str) -> bool:
    lower = name.casefold()
    return lower in _NAMES or (lower.endswith(_ENDINGS) and not name.startswith(_SWITCHES))


def masked(leaf: Leaf) -> str:
    """Return the leaf's value, or the mask in its place where it is a secret that is set.

    A private key is a secret wherever someone pasted it.
    """
    path, value = leaf
    return MASK if value and (is_secret(path) or _PRIVATE_KEY in value) else value


def hidden(leaves: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the leaves that hold a secret, by their name or by what stands in them; a mask holds none.

    A leaf is a path and a value here: accounts have many that are no `Leaf`.
    """
    for path, value in leaves:
        if value and (is_secret(path) or _PRIVATE_KEY in value) and value != MASK:
            yield path, value


def concealed(value: str, *, secret: bool) -> str:
    """Return a value, or the mask where it is a secret that is set, or holds a private key."""
    return MASK if value and (secret or _PRIVATE_KEY in value) else value
