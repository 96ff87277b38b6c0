"""An administrator of one org after what belongs to another: it is not there, just like what nobody has."""

from __future__ import annotations

import pytest

from tests.api.operations import PLACES, good
from tests.api.rest import Rest, well_shaped
from tests.attack.conftest import filled, pages, stored
from tests.org.world import other_org
from tests.web.conftest import Browser, Office

NAMED = sorted(name for name, place in PLACES.items() if "{" in place.path.replace("{kind}", ""))
# These write under any name: what they make is the stranger's own.
MAKE = {"save_profile", "save_permission_set", "save_briefcase", "save_notification_type"}
NONE = "Nobody_Has_This"


@pytest.mark.parametrize("operation", NAMED)
def test_what_another_org_has_answers_as_what_nobody_has(org: Rest, operation: str) -> None:
    request = good(org, operation)
    stranger = org.caller(other_org(org.world))
    stranger.get("/me")
    before = org.world.everything()
    theirs = request.send(stranger)
    if operation in MAKE:
        assert theirs.status_code < 300
        after = org.world.everything()
        assert {org_row for rows in before.values() for org_row in rows} <= {
            org_row for rows in after.values() for org_row in rows
        }
        return
    nobodys = request.of(NONE).send(stranger)
    assert org.world.everything() == before or "password" in str(request.body)
    told, expected = well_shaped(theirs), well_shaped(nobodys)
    assert (theirs.status_code, told["code"]) == (nobodys.status_code, expected["code"])
    if "password" not in str(request.body):
        assert theirs.status_code == 404

    def shape(body: dict[str, str]) -> str:
        text = str(body["detail"])
        for name in (*request.names.values(), NONE):
            text = text.replace(name, "…")
        return text

    assert shape(dict(told)) == shape(dict(expected))


def test_no_list_holds_what_another_org_has(org: Rest) -> None:
    stranger = org.caller(other_org(org.world))
    looked = 0
    for operation, place in PLACES.items():
        if place.method != "GET" or "{" in place.path or operation == "export_files":
            continue
        text = stranger.get(place.path).text
        for name in ("Billing", "Courier", "Portal", "Field_Kit", "acme.example", '"Acme"', "Only temp@"):
            assert name not in text, (operation, name)
        looked += 1
    assert looked > 12


def test_an_export_holds_the_own_apps_only(org: Rest) -> None:
    stranger = org.caller(other_org(org.world))
    answer = stranger.get("/export")
    assert answer.status_code == 200
    assert b"Billing" not in answer.content


def test_no_bulk_request_reaches_into_another_org(org: Rest) -> None:
    stranger = org.caller(other_org(org.world))
    stranger.get("/me")
    body = {"api_names": ["Billing"], "local": True, "no_username_password": True}
    answer = stranger.post("/migration-batches", body)
    outcomes = stranger.get(f"/migration-batches/{answer.json()['batch_id']}/outcomes").json()["items"]
    assert [each["code"] for each in outcomes] == ["E-APP-NOT-FOUND"]
    assert org.admin.get("/connected-apps/Billing").json()["state"] == "active"


def test_every_page_of_another_orgs_app_is_as_one_of_no_app(office: Office, stranger: Browser) -> None:
    office.connected_app("Billing")
    office.connected_app("Portal")
    admin = office.signed_in()
    path = "/setup/app-manager/Portal/migrate"
    done = admin.submit(path, {"local": "true", "no_username_password": "true"})
    assert done.status == 303, done.main
    with office.house.units.read() as unit:
        ids = {user.user_id for user in unit.users.list(office.admin.org_id)}
        ids |= {profile.profile_id for profile in unit.users.profiles(office.admin.org_id)}
    before = stored(office)
    looked = 0
    for method in ("GET", "POST"):
        for address in pages(office, method):
            if "{" not in address or address.startswith(("/static", "/setup/quick-find")):
                continue
            expected = stranger.request(method, filled(address, NONE), data=_token(stranger, method))
            stranger.get("/setup")  # what it had to say is said
            for name in ("Billing", "Portal", *ids):
                answer = stranger.request(method, filled(address, name), data=_token(stranger, method))
                assert answer.status == expected.status, (method, address, name)
                assert answer.text.replace(name, NONE) == expected.text, (method, address, name)
                if answer.status == 303:
                    assert answer.location.replace(name, NONE) == expected.location
                    stranger.get("/setup")
            looked += 1
    assert looked > 30
    assert stored(office) == before


def _token(browser: Browser, method: str) -> dict[str, str] | None:
    return {"_csrf_token": browser.cookies["csrf"]} if method == "POST" else None


def test_a_preview_of_one_user_is_imported_by_nobody_else(office: Office, stranger: Browser) -> None:
    admin = office.signed_in()
    xml = b'<?xml version="1.0"?><ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><contactEmail>a@b.example</contactEmail><label>Held</label></ConnectedApp>'
    admin.get("/setup/import")
    preview = admin.request(
        "POST",
        "/setup/import",
        data={"_csrf_token": admin.cookies["csrf"]},
        files={"files": ("Held.connectedApp", xml)},
    )
    token = preview.form("/setup/import/apply")["token"]
    assert token
    before = stored(office)
    assert "E-UPLOAD-GONE" in stranger.post("/setup/import/apply", {"token": token}).main
    assert stored(office) == before
    assert admin.post("/setup/import/apply", {"token": token}).status in {200, 410}
