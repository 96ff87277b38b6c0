"""A profile and a permission set that many users have."""

from __future__ import annotations

from changeover.org.model.people import User
from changeover.org.permission_sets import save_permission_set
from tests.web.conftest import Browser, Office

SET = "/setup/permission-sets/Clerks"


def test_some_are_shown_and_the_others_found_in_users(office: Office, admin: Browser) -> None:
    with office.house.units.unit() as unit:
        save_permission_set(unit, office.admin, "Clerks", "Desk", [])
        for number in range(30):
            unit.users.add(
                User(
                    user_id=unit.ids.record("005"),
                    org_id=office.admin.org_id,
                    username=f"many{number:02}@acme.example",
                    name=f"Many {number:02}",
                    email=f"many{number:02}@acme.example",
                    profile="Read Only",
                    permission_sets=("Clerks",),
                ),
                "no hash",
            )
    (profile,) = admin.get("/setup/profiles").links("Read Only")
    for page in (SET, profile):
        shown = admin.get(page)
        assert len([link for link in shown.find("//main//a/@href") if "/users/" in link]) == 25
        assert "25 of 30 users." in shown.main
        (others,) = shown.links("Find all of them in Users")
        assert "1 to 25 of 30" in admin.get(others).main
