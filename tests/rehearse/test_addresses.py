"""From where a client comes on the copy: addresses of Login History, held against trusted ranges."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from changeover.apps.connected_app import IpRange, OauthPolicy
from changeover.oauth.client import OauthClient, of_connected_app
from changeover.org.permission_sets import save_profile
from changeover.org.permissions import Permission
from changeover.project.login_history import LoginHistory
from changeover.rehearse.addresses import SeenFrom, came_from
from changeover.rehearse.from_org import OrgSource
from tests.org.world import World, app
from tests.rehearse.listed import errors, rehearsed, rows, source

IN, OUT = "198.18.0.5", "203.0.113.9"
TRUSTED = IpRange(start="198.18.0.1", end="198.18.0.9")


def client(*ranges: IpRange, relaxation: str = "ENFORCE") -> OauthClient:
    policy = OauthPolicy(ip_relaxation=relaxation)
    found = of_connected_app(app(ip_ranges=ranges, oauth_policy=policy))
    assert found is not None
    return found


def seen(*addresses: str, flow: str = "OauthWebServer") -> tuple[SeenFrom, ...]:
    return tuple(SeenFrom(flow, address) for address in addresses)


@pytest.mark.parametrize(
    ("ranges", "relaxation", "addresses", "comes_from", "said"),
    [
        ((), "ENFORCE", (OUT,), None, ()),
        ((TRUSTED,), "BYPASS", (OUT,), None, ()),
        ((TRUSTED,), "ENFORCE", (), "198.18.0.1", ("an address in its trusted ranges",)),
        ((TRUSTED,), "ENFORCE", (IN, "198.18.0.7"), IN, ("where Login History last shows its label",)),
        ((TRUSTED,), "ENFORCE", (OUT, IN), IN, ("where Login History", f"from {OUT}, outside")),
        ((TRUSTED,), "ENFORCE", (OUT,), "198.18.0.1", ("an address in", f"from {OUT}, outside")),
        ((TRUSTED,), "ENFORCE", ("Salesforce.com IP", ""), "198.18.0.1", ("an address in",)),
        ((IpRange(start="x", end="y"),), "ENFORCE", (OUT,), None, ("can be read", f"from {OUT}, outside")),
        ((IpRange(start=IN, end="198.18.0.1"), TRUSTED), "ENFORCE", (), "198.18.0.1", ("an address in",)),
    ],
)
def test_from_where_a_client_comes(
    ranges: tuple[IpRange, ...],
    relaxation: str,
    addresses: tuple[str, ...],
    comes_from: str | None,
    said: tuple[str, ...],
) -> None:
    found = came_from(client(*ranges, relaxation=relaxation), seen(*addresses))
    assert found.address == comes_from
    assert len(found.notes) == len(said)
    for note, words in zip(found.notes, said, strict=True):
        assert words in note


def test_what_is_relaxed_for_refreshes_is_held_against_the_flow() -> None:
    one = client(TRUSTED, relaxation="ENFORCE_RELAXREFRESH")
    assert len(came_from(one, seen(OUT, flow="OauthRefreshToken")).notes) == 1
    assert f"from {OUT}, outside" in came_from(one, seen(OUT)).notes[1]


def test_many_addresses_are_counted_and_not_listed() -> None:
    note = came_from(client(TRUSTED), seen(*(f"203.0.113.{n}" for n in range(9)))).notes[1]
    assert "203.0.113.0, 203.0.113.1, 203.0.113.2, 203.0.113.3, 203.0.113.4 and 4 more" in note


def test_for_others_than_who_may_see_login_history_no_address_is_named() -> None:
    found = came_from(client(TRUSTED), seen(IN, OUT, "203.0.113.10"), discreet=True)
    assert found.address == IN
    assert "from where Login History last shows" in found.notes[0]
    assert "from 2 addresses, outside" in found.notes[1]
    assert not any(address in note for note in found.notes for address in (IN, OUT))


def test_ranges_that_nobody_can_read_fail_at_every_stage_and_say_why() -> None:
    (one,) = rehearsed(app(ip_ranges=(IpRange(start="10.0.0.0/8", end="10.0.0.0/8"),))).values()
    row = rows(one)["web-server-pkce"]
    assert errors(row) == ("invalid_grant",) * 3
    assert "outside the app's trusted ranges" in row.reason
    assert any("None of its trusted IP ranges can be read" in note for note in one.notes)


def test_the_client_comes_from_where_login_history_saw_it() -> None:
    given = replace(source(app(ip_ranges=(TRUSTED,))), seen_from=seen(OUT, IN))
    (one,) = rehearsed(given).values()
    assert errors(rows(one)["web-server-pkce"]) == ("", "", "")
    assert any(f"The client came from {IN}, where Login History" in note for note in one.notes)


def test_files_tell_addresses_by_label_the_last_one_first(tmp_path: Path) -> None:
    file = tmp_path / "logins.csv"
    lines = (
        f"2026-11-03T10:00:00Z,Billing,OauthWebServer,Success,{OUT}",
        f"2026-11-05T10:00:00Z,Billing,OauthRefreshToken,Success,{IN}",
        "2026-11-06T10:00:00Z,Billing,OauthWebServer,Failed: Restricted IP,192.0.2.1",
        "2026-11-06T10:00:00Z,Portal,OauthWebServer,Success,192.0.2.2",
    )
    text = "\n".join(("LoginTime,Application,LoginSubType,Status,SourceIp", *lines))
    file.write_text(text, encoding="utf-8")
    history = LoginHistory()
    history.add(file)
    assert history.addresses(" Billing") == (("OauthRefreshToken", IN), ("OauthWebServer", OUT))
    assert history.addresses("Nobody's") == history.addresses(None) == ()


def test_an_orgs_login_history_tells_them_to_who_may_see_it(world: World) -> None:
    world.bring(app(ip_ranges=(TRUSTED,)), app("Portal"))
    web = "OauthWebServer"
    world.log_in(times=1, sub_type=web, source_ip=OUT)
    world.log_in(times=1, sub_type=web, source_ip="192.0.2.1", status="Failed: Restricted IP")
    world.log_in("Portal", times=1, sub_type=web, source_ip=IN)
    units = world.house.units
    billing, portal = OrgSource(units, world.admin).apps()
    assert billing.seen_from == (SeenFrom("OauthWebServer", OUT),)
    assert portal.seen_from == (), "it has no ranges: nothing is asked"
    world.do(save_profile, "Readers", [Permission.VIEW_SETUP.value])
    billing, portal = OrgSource(units, world.user("reader@acme.example", "Readers")).apps()
    assert billing.seen_from == ()
    assert any("takes the permission Manage Users or Monitor Login History" in note for note in billing.notes)
    assert not any("Login History" in note for note in portal.notes)
