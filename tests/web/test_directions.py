"""Names that turn the direction of writing: they turn nothing around them, and are kept as they are."""

from __future__ import annotations

import re
from pathlib import Path

import changeover.web
from changeover.web.templating import breakable, upright
from tests.web.conftest import Browser, Office

OVERRIDE = "Billing \u202egnp.evil"
PAGE = "/setup/app-manager/Billing"
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def test_a_label_turns_no_evidence_and_no_confirmation_around(office: Office, admin: Browser) -> None:
    office.connected_app("Billing", {"label": OVERRIDE})
    office.login(OVERRIDE, "OauthUsernamePassword")
    for path in ("/setup/app-manager", PAGE, f"{PAGE}/migrate", f"{PAGE}/delete", "/setup/login-history"):
        page = admin.get(path)
        assert "Billing \N{REPLACEMENT CHARACTER}gnp.evil" in page.main, path
        assert TURNING.search(page.main) is None, path
        assert not page.find("//*[@aria-label[contains(., '\u202e')]]"), path


def test_a_form_keeps_it(office: Office, admin: Browser) -> None:
    office.connected_app("Billing", {"label": OVERRIDE, "description": OVERRIDE})
    form = admin.get(f"{PAGE}/edit").form(f"{PAGE}/edit")
    assert (form["label"], form["description"]) == (OVERRIDE, OVERRIDE)
    assert admin.submit(f"{PAGE}/edit", {"contactPhone": "1"}).status == 303
    again = admin.get(f"{PAGE}/edit").form(f"{PAGE}/edit")
    assert (again["label"], again["contactPhone"]) == (OVERRIDE, "1")
    found = admin.get("/setup/app-manager?q=%E2%80%AEgnp")
    assert found.find("//input[@id='search']/@value") == ["\u202egnp"]
    assert found.links("Billing \N{REPLACEMENT CHARACTER}gnp.evil") == [PAGE]


def test_names_from_right_to_left_stand_as_they_are(office: Office, admin: Browser) -> None:
    label = "מערכת הזמנות (2026)"
    office.connected_app("Billing", {"label": label})
    assert admin.get("/setup/app-manager").links(label) == [PAGE]
    assert upright(label) is not None
    assert upright(label) == label


def test_the_value_of_every_field_is_escaped_before_it_is_set_upright() -> None:
    for path in (Path(changeover.web.__file__).parent / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        fields = re.findall(r'value="\{\{ (.*?) \}\}"', text) + re.findall(
            r"\{\{ ([^}]*) \}\}</textarea>", text
        )
        assert [field for field in fields if not field.endswith("| e")] == [], path


def test_long_names_break_between_their_words() -> None:
    assert breakable("Field_Service_Mobile") == "Field_<wbr>Service_<wbr>Mobile"
    assert breakable("kiosk@acme.example") == "kiosk@<wbr>acme.<wbr>example"
    assert breakable("<b>_\u202e") == "&lt;b&gt;_<wbr>\N{REPLACEMENT CHARACTER}"
    assert (breakable(""), breakable("Billing"), breakable("__x")) == ("", "Billing", "__<wbr>x")
