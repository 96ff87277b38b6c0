"""A visit: one request of one signed-in user, and what every page does with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.model.orgs import Actor, Door, Org
from changeover.org.model.people import User
from changeover.org.permissions import Needs, Permission
from changeover.org.ports import Unit
from changeover.org.proof import LIFETIME, Proof
from changeover.org.sign_in import whoami
from changeover.web import sessions, setup
from changeover.web.application import UNKNOWN
from changeover.web.listing import Listing
from changeover.web.security import local_path
from changeover.web.services import Services
from changeover.web.templating import render

AnyRequest = Request[Any, Any, Any]

_VISIT = "changeover_visit"


class Link(NamedTuple):
    """A link in a notice."""

    label: str
    href: str


class Notice(NamedTuple):
    """What a page says at its top."""

    kind: str
    """`success`, `error`, `warning` or `info`."""
    text: str
    more: str = ""
    link: Link | None = None


class SignInNeeded(Exception):  # noqa: N818 - it is not an error: it leads to the sign-in page
    """Nobody is signed in, or the session is over."""


class Visit:
    """One request of one signed-in user.

    Handlers ask for it by the name `visit`. `user`, `org` and `permissions` are as of this request.
    """

    def __init__(
        self,
        request: AnyRequest,
        services: Services,
        actor: Actor,
        user: User,
        org: Org,
        permissions: frozenset[Permission],
    ) -> None:
        self.request = request
        self.services = services
        self.actor = actor
        self.user = user
        self.org = org
        self.permissions = permissions

    @property
    def path(self) -> str:
        """Path of the page asked for."""
        return self.request.url.path

    @property
    def session_id(self) -> str | None:
        """The session that this visit belongs to, as `org.sessions` names it."""
        return sessions.current(self.request)

    @property
    def here(self) -> setup.SetupPage | None:
        """The page of the Setup tree that this one belongs to, None for an address that nobody knows."""
        if self.path == UNKNOWN:
            return None
        return setup.page_at(self.path)

    @cached_property
    def pages(self) -> tuple[setup.SetupPage, ...]:
        """The pages that the user sees in the tree."""
        return setup.visible(self.permissions)

    @property
    def tree(self) -> setup.Branch:
        """The Setup tree as the user sees it."""
        return setup.tree(self.pages)

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """What the page before had to say; it is said once."""
        held = self.request.session.pop(sessions.NOTICES, [])
        return tuple(
            Notice(kind, text, more, Link(*link) if link else None) for kind, text, more, link in held
        )

    @property
    def in_dialog(self) -> bool:
        """Whether the script asks for a dialog to put into the open page."""
        return asked_by_script(self.request)

    @property
    def lacking(self) -> tuple[setup.Offer, ...]:
        """What the page of the tree offers and the user may not, each with what the user lacks for it."""
        return self.lacks(*self.here.offers) if self.here else ()

    def lacks(self, *offers: setup.Offer) -> tuple[setup.Offer, ...]:
        """Return those of some offers that the user may not take up, each with what the user lacks for it."""
        return tuple(
            setup.Offer(offer.what, offer.needs.beyond(self.permissions))
            for offer in offers
            if not self.may(offer.needs)
        )

    def may(self, needs: Needs) -> bool:
        """Whether the user holds what an act needs; only to decide what to offer, acts check themselves."""
        return needs.met_by(self.permissions)

    def unit(self) -> AbstractContextManager[Unit]:
        """Begin a transaction that may write."""
        return self.services.units.unit()

    def read(self) -> AbstractContextManager[Unit]:
        """Begin a transaction that only reads."""
        return self.services.units.read()

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response[Any]:  # noqa: ANN401
        """Return a page from a template below `templates/pages/`.

        Where its `listing` has nothing on the page asked for, an old link or rows that have gone since, it
        leads to the last page that there is.
        """
        listing = context.get("listing")
        if status == HTTP_200_OK and isinstance(listing, Listing) and listing.beyond:
            return self.go(listing.page_url(listing.pages))
        templates = cast("Environment", self.request.app.state.templates)
        return render(templates, self.request, f"pages/{template}", status, {"visit": self, **context})

    def dialog(self, template: str, *, status: int = 200, **context: Any) -> Response[Any]:  # noqa: ANN401
        """Return a dialog: for the open page if the script asks, else as a page of its own.

        The template begins with `{% extends layout %}` and fills the block `dialog`.
        """
        layout = "layouts/dialog_fragment.html" if self.in_dialog else "layouts/dialog_page.html"
        return self.page(template, status=status, layout=layout, **context)

    def ask(
        self,
        title: str,
        consequence: str,
        button: str,
        *,
        back: str,
        fields: Mapping[str, str] | None = None,
    ) -> Response[Any]:
        """Return the question before an act that cannot be undone; its form posts to its own address.

        Args:
            title: of the dialog.
            consequence: one or more sentences.
            button: the act in a word or two.
            back: where who cancels is led.
            fields: what the form posts beside.
        """
        return self.dialog(
            "question.html",
            title=title,
            consequence=consequence,
            button=button,
            action=self.path,
            back=back,
            fields=fields or {},
        )

    @property
    def proof(self) -> Proof | None:
        """The last time that the user gave the password, None where it was too long ago."""
        proof = sessions.proof(self.request)
        fresh = proof is not None and self.services.clock.now() - proof.at < LIFETIME
        return proof if fresh else None

    def verify(self, back: str) -> Redirect:
        """Lead to the password check, and after that to a page."""
        return self.go(f"/setup/verify?{urlencode({'next': back})}")

    def list_behind(self, path: str, seen: str | None = None) -> str:
        """Return a list's address as the user saw it, with search, order and page; else without them.

        Args:
            path: of the list.
            seen: the address that a form brought along; None to ask the browser where it comes from.
        """
        came = seen if seen is not None else came_from(self.request)
        return came if urlsplit(local_path(came)).path == path else path

    def go(self, path: str, notice: Notice | None = None) -> Redirect:
        """Lead on to another page after something was done; it will show the notice."""
        if notice is not None:
            link = list(notice.link) if notice.link else None
            said = [notice.kind, notice.text, notice.more, link]
            self.request.session.setdefault(sessions.NOTICES, []).append(said)
        return Redirect(path, status_code=303)


ThisVisit = NamedDependency[Visit]
"""How a handler asks for the visit."""


def provide_visit(request: AnyRequest) -> Visit:
    """Return the visit of a signed-in user.

    Raises:
        SignInNeeded: nobody is signed in; the user has gone, is deactivated or has another password since.
    """
    services = cast("Services", request.app.state.services)
    session = request.session
    if sessions.USER not in session:
        raise SignInNeeded
    actor = Actor(
        org_id=session[sessions.ORG],
        user_id=session[sessions.USER],
        username=session[sessions.USERNAME],
        door=Door.BROWSER,
    )
    with services.units.read() as unit:
        try:
            who = whoami(unit, actor)
        except ChangeoverError as error:
            if error.kind is not errors.USER_NOT_ACTIVE:
                raise
            sessions.end(request)
            raise SignInNeeded from error
        if password_stamp(unit, actor.user_id) != session[sessions.PASSWORD_STAMP]:
            sessions.end(request)
            raise SignInNeeded
    visit = Visit(request, services, actor, who.user, who.org, who.permissions)
    request.scope["state"][_VISIT] = visit
    return visit


def visit_of(request: AnyRequest) -> Visit | None:
    """Return the visit that a request has come to, None before that: for the page about an error."""
    return cast("Visit | None", request.scope["state"].get(_VISIT))


def password_stamp(unit: Unit, user_id: str) -> str:
    """Return what tells whether a user's password has been changed since a session began."""
    stored = unit.users.password_hash(user_id) or ""
    return hashlib.sha256(stored.encode()).hexdigest()[:32]


def asked_by_script(request: AnyRequest) -> bool:
    """Whether the script asks for something to put into the open page."""
    return request.headers.get("HX-Request") == "true"


def open_page(request: AnyRequest) -> str:
    """Return the address of the page that the script asks for."""
    return _own(request, "HX-Current-URL")


def came_from(request: AnyRequest) -> str:
    """Return the address of the page on which a link was followed or a dialog opened."""
    return open_page(request) if asked_by_script(request) else _own(request, "Referer")


def _own(request: AnyRequest, header: str) -> str:
    """Return the address of a page of ours that a header names, without scheme, host and fragment."""
    named = request.headers.get(header, "").partition("#")[0]
    own = f"{request.url.scheme}://{request.url.netloc}"
    return local_path(named.removeprefix(own) if named.startswith(f"{own}/") else None)


def back_to(request: AnyRequest) -> str:
    """Return where to go on after signing in: the page asked for, or the page that a form stood on."""
    if request.url.path == UNKNOWN:
        return local_path(None)
    if request.method == "GET":
        query = request.url.query
        return local_path(request.url.path + (f"?{query}" if query else ""))
    return _own(request, "Referer")
