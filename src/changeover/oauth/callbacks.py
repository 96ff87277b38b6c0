"""Callback URLs: which lead to an app, and how an answer is put into one.

Source: RFC 6749 sections 3.1.2, 4.1.2 and 4.2.2; RFC 9700 section 4.1.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

_RUN_IN_BROWSERS = frozenset(
    {"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"}
)


def parts_of(callback_url: str) -> SplitResult | None:
    """Return the parts of a callback URL, None where it has none, as `https://[x` has."""
    try:
        return urlsplit(callback_url)
    except ValueError:
        return None


def leads_to_app(callback_url: str) -> bool:
    """Whether a callback URL leads to an app, whatever an admin has registered.

    RFC 6749 section 3.1.2: absolute, and no fragment, which would swallow the answer. Schemes that browsers
    run or open themselves are those of no app; a tab or a line break within a scheme they leave out.
    """
    parts = parts_of(callback_url)
    if parts is None or not parts.scheme or "#" in callback_url:
        return False
    return parts.scheme not in _RUN_IN_BROWSERS


def with_query(callback_url: str, said: str) -> str:
    """Return a callback URL with an answer behind the query that it has (RFC 6749 section 3.1.2)."""
    if "?" not in callback_url:
        return f"{callback_url}?{said}"
    return f"{callback_url}{said}" if callback_url.endswith(("?", "&")) else f"{callback_url}&{said}"
