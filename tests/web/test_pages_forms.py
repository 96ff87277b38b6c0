"""What holds of every page: a token in each form, a label for each field, each id once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from litestar.handlers.http_handlers import HTTPRouteHandler

from changeover.org import briefcases, notifications
from changeover.org.model.beside_apps import NotificationType
from changeover.org.people import list_users
from changeover.web.pages import ROUTES
from tests.web.conftest import Browser, Office, Page

_NAMES = {
    "/setup/app-manager": "Billing",
    "/setup/external-client-apps": "Portal",
    "/setup/briefcases": "Case",
    "/setup/notification-delivery-settings": "Case",
    "/setup/permission-sets": "External_Client_App_Viewer",
}


def paths(method: str) -> list[str]:
    """Return the addresses of all pages that take a method."""
    handlers: list[Any] = list(ROUTES)
    assert all(isinstance(handler, HTTPRouteHandler) for handler in handlers)
    return sorted({path for one in handlers if method in one.http_methods for path in one.paths})


def test_every_form_needs_its_token(admin: Browser) -> None:
    asked = paths("POST")
    assert len(asked) > 40
    for path in asked:
        refused = admin.post(re.sub(r"\{\w+:\w+\}", "x", path), {"_csrf_token": "forged"})
        assert (path, refused.status, "E-FORM-STALE" in refused.main) == (path, 403, True)


def test_every_form_has_a_token_and_every_field_a_label(office: Office, admin: Browser) -> None:
    known = filled(office)
    for path in paths("GET"):
        names = {**known, "api_name": next((v for k, v in _NAMES.items() if path.startswith(f"{k}/")), "x")}
        address = path
        for parameter in re.findall(r"\{(\w+):\w+\}", path):
            address = re.sub(rf"\{{{parameter}:\w+\}}", names.get(parameter, "x"), address)
        page = admin.get(address)
        assert page.status < 500, address
        if page.status < 300 and "html" in page.headers["content-type"]:
            assert (address, list(faults(page))) == (address, [])


def filled(office: Office) -> dict[str, str]:
    """Fill an org with one of each; return what stands for which parameter of an address."""
    office.connected_app("Billing")
    username = office.user("second@acme.example", [])
    with office.house.units.unit() as unit:
        case = NotificationType(api_name="Case", label="Case", custom=True)
        notifications.save_notification_type(unit, office.admin, case)
        briefcases.save_briefcase(unit, office.admin, "Case", "Case")
        (user,) = [one for one in list_users(unit, office.admin) if one.username == username]
        profile = unit.users.profiles(office.admin.org_id)[0]
    return {
        "user_id": user.user_id,
        "profile_id": profile.profile_id,
        "kind": "apple-p12",
        "service": "Apple",
    }


def faults(page: Page) -> Iterator[str]:
    """Yield what is wrong with the forms of a page."""
    for form in page.find("//form[translate(@method, 'POST', 'post')='post']"):
        if not form.xpath(".//input[@name='_csrf_token'][string-length(@value) > 20]"):
            yield f"{form.get('action')} has no token"
    for field in page.find("//main//input[not(@type='hidden')] | //main//select | //main//textarea"):
        labels = field.xpath("ancestor::label")
        labels += page.find(f"//label[@for='{field.get('id')}']") if field.get("id") else []
        named = field.get("aria-label") or (len(labels) == 1 and labels[0].text_content().strip("* \n"))
        if not named:
            yield f"{field.get('name')} has no label, or several"
        for described in (field.get("aria-describedby") or "").split():
            if not page.find(f"//*[@id='{described}']"):
                yield f"{field.get('name')} is described by nothing: {described}"
    ids = [element.get("id") for element in page.find("//*[@id]")]
    yield from (f"the id {one} stands twice" for one in sorted(set(ids)) if ids.count(one) > 1)
    yield from (f"the id {one!r} holds a blank" for one in ids if one != "".join(one.split()))
