"""The Setup tree as data: one line a page. A new page is a module in `pages/` and a line here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from changeover.org import permissions as needs
from changeover.org.permissions import Needs, Permission


class Offer(NamedTuple):
    """Something to do on a page, for which looking at it is not enough."""

    what: str
    """Completes "To": `edit users`."""
    needs: Needs


class SetupPage(NamedTuple):
    """A page that the Setup tree leads to."""

    label: str
    """As Salesforce's Setup names it."""
    place: tuple[str, ...]
    """The headings above it, the outermost first; empty for a page at the top."""
    path: str
    needs: Needs = needs.SETUP
    """Who does not hold this does not see the page in the tree; what its acts need they check themselves."""
    words: str = ""
    """Further words under which Quick Find finds it."""
    offers: tuple[Offer, ...] = ()
    """What can be done on it and on the pages below: who may not is told what is missing."""
    beside: tuple[str, ...] = ()
    """Further addresses whose pages belong to it."""

    @property
    def sought(self) -> str:
        """What Quick Find searches, in lower case."""
        return " ".join((self.label, *self.place[1:], self.words)).lower()

    @property
    def where(self) -> str:
        """The way to it through the tree, as Quick Find shows it."""
        return " > ".join(self.place[1:])


_USERS = ("Administration", "Users")
_DATA = ("Administration", "Data")
_APPS = ("Platform Tools", "Apps")
_EXTERNAL = (*_APPS, "External Client Apps")
_IDENTITY = ("Settings", "Identity")

_GIVE_APPS = (
    Offer("give access to connected apps", needs.CONNECTED_APP_GRANTS),
    Offer("give access to external client apps", needs.EXTERNAL_CLIENT_APP_POLICIES),
)
_CHANGE = (Offer("change anything here", needs.CUSTOMIZE),)

PAGES: tuple[SetupPage, ...] = (
    SetupPage("Setup Home", (), "/setup", words="overview attention dates"),
    SetupPage(
        "Permission Sets",
        _USERS,
        "/setup/permission-sets",
        offers=(Offer("create and edit permission sets", needs.PROFILES), *_GIVE_APPS),
    ),
    SetupPage(
        "Profiles",
        _USERS,
        "/setup/profiles",
        offers=(Offer("create and edit profiles", needs.PROFILES), *_GIVE_APPS),
    ),
    SetupPage(
        "Users",
        _USERS,
        "/setup/users",
        offers=(
            Offer("create and edit users, and to see and end what they are signed in with", needs.USERS),
        ),
    ),
    SetupPage(
        "Export", _DATA, "/setup/export", needs.EXTERNAL_CLIENT_APP_VIEW, "download metadata files zip"
    ),
    SetupPage(
        "Import",
        _DATA,
        "/setup/import",
        needs.CONNECTED_APP_EDIT,
        "upload metadata files zip login history csv",
    ),
    SetupPage(
        "App Manager",
        _APPS,
        "/setup/app-manager",
        words="connected apps migrate",
        offers=(
            Offer("create, edit and delete connected apps", needs.CONNECTED_APP_EDIT),
            Offer("migrate connected apps", needs.MIGRATE),
        ),
        beside=("/setup/migrations", "/setup/new-connected-app"),
    ),
    SetupPage("Rehearsals", _APPS, "/setup/rehearsals", words="rehearse logins before after revert copy"),
    SetupPage(
        "Connected Apps OAuth Usage",
        (*_APPS, "Connected Apps"),
        "/setup/oauth-usage/connected-app",
        needs.OAUTH_USAGE,
        "tokens users revoke block unblock sessions",
        offers=(Offer("block and unblock an app", needs.OAUTH_BLOCK),),
    ),
    SetupPage(
        "Manage Connected Apps",
        (*_APPS, "Connected Apps"),
        "/setup/connected-apps",
        words="policies",
        offers=(Offer("edit policies", needs.CONNECTED_APP_EDIT),),
    ),
    SetupPage(
        "External Client App Manager",
        _EXTERNAL,
        "/setup/external-client-apps",
        needs.EXTERNAL_CLIENT_APP_VIEW,
        offers=(
            Offer("edit settings, and to delete", needs.EXTERNAL_CLIENT_APP_SETTINGS),
            Offer("edit policies", needs.EXTERNAL_CLIENT_APP_POLICIES),
            Offer("see and rotate consumer key and secret", needs.EXTERNAL_CLIENT_APP_SECRET),
        ),
    ),
    SetupPage(
        "External Client Apps OAuth Usage",
        _EXTERNAL,
        "/setup/oauth-usage/external-client-app",
        needs.OAUTH_USAGE,
        "tokens users revoke sessions",
        offers=(Offer("unblock an app that was blocked before its migration", needs.OAUTH_BLOCK),),
    ),
    SetupPage(
        "Settings",
        _EXTERNAL,
        "/setup/external-client-app-settings",
        words="opt in secrets rest api creation of connected apps",
        offers=_CHANGE,
    ),
    SetupPage(
        "Briefcase Builder",
        (*_APPS, "Mobile Apps"),
        "/setup/briefcases",
        words="offline",
        offers=_CHANGE,
    ),
    SetupPage(
        "Notification Delivery Settings",
        ("Platform Tools", "Notification Builder"),
        "/setup/notification-delivery-settings",
        offers=_CHANGE,
    ),
    SetupPage(
        "Company Information",
        ("Settings", "Company Settings"),
        "/setup/company-information",
        words="edition organization",
        offers=_CHANGE,
    ),
    SetupPage(
        "Login History", _IDENTITY, "/setup/login-history", needs.LOGIN_HISTORY, "username-password flow"
    ),
    SetupPage(
        "OAuth and OpenID Connect Settings",
        _IDENTITY,
        "/setup/oauth-and-openid-connect-settings",
        words="username-password user-agent flows pkce headless code credentials",
        offers=_CHANGE,
    ),
    SetupPage(
        "View Setup Audit Trail", ("Settings", "Security"), "/setup/audit-trail", words="history of changes"
    ),
    SetupPage(
        "API Tokens",
        ("My Personal Information",),
        "/setup/api-tokens",
        needs.SIGNED_IN,
        "rest personal access token",
    ),
    SetupPage(
        "Connections",
        ("My Personal Information",),
        "/setup/connections",
        needs.SIGNED_IN,
        "oauth connected apps approved revoke",
    ),
    SetupPage(
        "Session Management",
        ("My Personal Information",),
        "/setup/sessions",
        needs.SIGNED_IN,
        "sessions browsers signed in",
    ),
    SetupPage("Change My Password", ("My Personal Information",), "/setup/change-password", needs.SIGNED_IN),
)


@dataclass(frozen=True)
class Branch:
    """A heading of the tree with what stands under it."""

    label: str
    pages: tuple[SetupPage, ...] = ()
    branches: tuple[Branch, ...] = ()

    @property
    def all_pages(self) -> Iterator[SetupPage]:
        """The pages under it, however deep."""
        yield from self.pages
        for branch in self.branches:
            yield from branch.all_pages


def visible(held: frozenset[Permission], pages: Iterable[SetupPage] = PAGES) -> tuple[SetupPage, ...]:
    """Return the pages that a user with these permissions sees in the tree."""
    return tuple(page for page in pages if page.needs.met_by(held))


def tree(pages: Iterable[SetupPage], depth: int = 0, label: str = "") -> Branch:
    """Hang pages under their headings. Pages and headings of a level keep the order of the list."""
    here: list[SetupPage] = []
    below: dict[str, list[SetupPage]] = {}
    for page in pages:
        if len(page.place) == depth:
            here.append(page)
        else:
            below.setdefault(page.place[depth], []).append(page)
    branches = tuple(tree(inner, depth + 1, heading) for heading, inner in below.items())
    return Branch(label, tuple(here), branches)


def quick_find(text: str, pages: Iterable[SetupPage]) -> tuple[SetupPage, ...]:
    """Return the pages whose name, place or words hold every word of a text; all pages for an empty one."""
    wanted = text.lower().split()
    return tuple(page for page in pages if all(word in page.sought for word in wanted))


def page_at(path: str) -> SetupPage | None:
    """Return the page of the tree that a path belongs to: the one with the longest address above it."""
    above = [(address, page) for page in PAGES for address in (page.path, *page.beside)]
    found = [one for one in above if path == one[0] or path.startswith(f"{one[0]}/")]
    return max(found, key=lambda one: len(one[0]), default=(None, None))[1]
