"""Dialogs that the script opens: what goes wrong stays within them; lists that have become shorter."""

from __future__ import annotations

from tests.web.conftest import Browser, Office

SCRIPT = {"HX-Request": "true", "HX-Current-URL": "http://changeover.local/setup/app-manager?q=bill&page=2"}


def test_a_problem_is_a_dialog_and_not_a_page_within_a_page(admin: Browser) -> None:
    for path, status, code in (
        ("/setup/app-manager/Gone/delete", 404, "E-APP-NOT-FOUND"),
        ("/setup/nothing", 404, "E-PAGE-NOT-FOUND"),
    ):
        inside = admin.get(path, SCRIPT)
        assert (inside.status, code in inside.text) == (status, True)
        assert inside.find("//nav") == []
        assert inside.find("//main") == []
        assert inside.find("//*[@id='dialog-title']")
        (close,) = inside.find("//a[@data-close]/@href")
        assert close == "/setup/app-manager?q=bill&page=2"
        assert admin.get(path).find("//nav[@id='setup-tree']")


def test_a_page_of_another_server_is_nothing_to_go_back_to(admin: Browser) -> None:
    for url in (
        "https://evil.example/setup",
        "//evil.example",
        "http://changeover.local.evil.example/x",
        "x",
    ):
        inside = admin.get("/setup/nothing", {**SCRIPT, "HX-Current-URL": url})
        assert inside.find("//a[@data-close]/@href") == ["/setup"]


def test_who_has_to_sign_in_again_is_led_back_to_the_open_page(anyone: Browser) -> None:
    answer = anyone.get("/setup/app-manager/Billing/delete", SCRIPT)
    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fsetup%2Fapp-manager%3Fq%3Dbill%26page%3D2"


def test_a_page_beyond_the_last_leads_to_the_last(office: Office, admin: Browser) -> None:
    for number in range(26):
        office.connected_app(f"App{number:02}")
    for address in (
        "/setup/app-manager?q=app&sort=-label&page=9",
        "/setup/connected-apps?page=3",
        "/setup/audit-trail?page=99",
    ):
        answer = admin.get(address)
        assert answer.status == 303, address
        last = admin.follow(answer)
        assert last.status == 200
        assert len(last.find("//main//tbody/tr")) >= 1
        assert "Page 2 of 2" in last.main
    assert admin.get("/setup/app-manager?q=app&sort=-label&page=9").location.endswith(
        "q=app&sort=-label&page=2"
    )
    assert admin.get("/setup/app-manager?q=nothing&page=9").status == 200
