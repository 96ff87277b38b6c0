"""A decision taken the other way changes exactly the rows that are said to depend on it."""

from __future__ import annotations

from functools import cache

import pytest

from changeover.rehearse import rehearsal
from changeover.rehearse.assumptions import ASSUMPTIONS, BY_NAME
from changeover.rehearse.population import KeyPair
from changeover.rehearse.rows import Row
from changeover.shapes.rehearsals import LoginVerdict
from tests.rehearse.listed import BEFORE_THE_IDLE_LIMIT, errors, nightly, partner, portal, rehearsed, rows

Table = dict[tuple[str, str], Row]


@cache
def certificate() -> str:
    return KeyPair().certificate


@cache
def table(*assumed: str, tried: bool = True) -> Table:
    """Return the rows of three apps that between them depend on every decision.

    With `tried` off only what is assumed is rehearsed, and nothing is said of what depends on what: quick.
    """
    apps = (portal(), partner(), nightly(certificate()))
    with pytest.MonkeyPatch.context() as patch:
        if not tried:
            patch.setattr(rehearsal, "_one_a_decision", lambda *_: ())
        found = rehearsed(*apps, at=BEFORE_THE_IDLE_LIMIT, assumed=assumed)
    return {(name, flow): row for name, one in found.items() for flow, row in rows(one).items()}


def taken(name: str) -> Table:
    """Return the rows with one decision taken the other way."""
    return table(name, tried=False)


def changed(before: Table, after: Table) -> set[tuple[str, str]]:
    assert before.keys() == after.keys()
    return {place for place, row in before.items() if not _alike(row, after[place])}


def _alike(one: Row, other: Row) -> bool:
    pairs = ((one.before, other.before), (one.after, other.after), (one.after_revert, other.after_revert))
    return all(mine is theirs is None or (mine and theirs and mine.like(theirs)) for mine, theirs in pairs)


def depending(rows: Table, decision: str) -> set[tuple[str, str]]:
    return {place for place, row in rows.items() if decision in row.depends_on}


@pytest.mark.parametrize("name", [one.name for one in ASSUMPTIONS])
def test_an_assumption_changes_exactly_the_rows_that_depend_on_its_decision(name: str) -> None:
    decision = BY_NAME[name].decision.id
    really = changed(table(), taken(name))
    assert really
    if name == "secret-changes":
        # The milder of two ways in which D-01 may be otherwise: who proves itself without the secret is safe.
        assert really < depending(table(), decision)
        assert ("Nightly", "jwt-bearer") not in really
    else:
        assert really == depending(table(), decision)
    for place in really:
        row = taken(name)[place]
        assert row.verdict is LoginVerdict.BREAKS, place
        assert row.reason, place
        assert row.remedy, place


def test_every_row_works_without_an_assumption() -> None:
    for place, row in table().items():
        assert row.verdict is (LoginVerdict.NOT_REHEARSED if place[1] == "saml" else LoginVerdict.SAME), place
        assert row.before is None or row.before.works, place


def test_which_rows_pkce_touches() -> None:
    assert changed(table(), taken("pkce-forced")) == {("Portal", "web-server")}
    assert "code challenge" in taken("pkce-forced")["Portal", "web-server"].reason


def test_tokens_that_end_do_not_come_back_with_the_revert() -> None:
    row = taken("tokens-end")["Portal", "refresh-token"]
    assert row.after is not None
    assert row.after_revert is not None
    assert (row.after.works, row.after_revert.works) == (False, False)
    fresh = taken("tokens-end")["Portal", "web-server"]
    assert fresh.verdict is LoginVerdict.SAME


def test_the_same_rows_depend_on_it_when_it_is_assumed() -> None:
    assert depending(table("pkce-forced"), "D-14") == depending(table(), "D-14") == {("Portal", "web-server")}


def test_in_another_org_the_app_is_not_there_until_the_revert() -> None:
    found = taken("other-org")
    assert errors(found["Portal", "web-server"]) == ("", "OAUTH_EC_APP_NOT_FOUND", "")
    # Its token from before is good again after the revert: the connected app is reachable from any org.
    for place in (("Portal", "refresh-token"), ("Nightly", "client-credentials"), ("Nightly", "jwt-bearer")):
        assert errors(found[place]) == ("", "invalid_client_id", ""), place
        assert found[place].reason == "A local external client app is known in its own org only.", place
