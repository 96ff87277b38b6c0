"""App Manager's search: it finds what Python finds, and on PostgreSQL it reads texts and no apps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import ANY

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.app_manager import list_apps
from changeover.org.connected_apps import delete_app, edit_app
from changeover.org.external_client_apps import delete_external_client_app, list_external_client_apps
from changeover.org.lists import AppQuery, ExternalClientAppQuery, LoginQuery
from changeover.org.logins import list_logins
from changeover.store import rows
from tests.org.world import World, app
from tests.store.test_plans import asked

# Longer than what fits into an index or a page of either database, and nothing that could be compressed.
LONG = "".join(chr(0x4E00 + number * 7_919 % 20_000) for number in range(20_000))
TEXTS = {
    "Plain": {"label": "Billing Sync", "description": "Connects billing & the org; <57>"},
    "Wild": {"label": "100% of_it", "description": "C:\\Temp\\%TEMP%/_/'quoted'"},
    "Folded": {"label": "STRASSE Ünïté", "description": "Straße, İstanbul, ΣΊΣΥΦΟΣ, ﬁne"},
    "Beyond": {"label": "🗝️ Key", "description": "😀😁 e\u0301 é"},
    "Long": {"label": "Long", "description": f"{LONG}<57>{LONG}%"},
    "Lines": {"label": "Lines", "description": "first\nsecond\tthird"},
}
PARTS = (
    *(
        "57",
        "<57>",
        "%",
        "_",
        "\\",
        "/",
        "//",
        "'",
        "100%",
        "f_i",
        "\\Temp\\%",
        "%TEMP%/_",
        "a%b",
        "LONG",
        " ",
    ),
    *(
        "strasse",
        "STRASSE",
        "straße",
        "ß",
        "i̇stanbul",
        "σίσυφος",
        "Σ",
        "fine",
        "ﬁ",
        "Ünïté",
        "ÜNÏTÉ",
        "unite",
    ),
    *(
        "😀",
        "😁 e",
        "\u0301",
        "é",
        "🗝",
        LONG[:3],
        LONG[-3:] + "<",
        LONG[9_000:9_400],
        LONG + "<57>",
        LONG + "x",
    ),
    *(
        "first\nsecond",
        "plain\nconnects",
        "3MVG9.Wild",
        "3mvg9.wild_KEY",
        "\n",
        "sync\nplain\nCon",
        "nowhere",
    ),
)


@pytest.fixture
def texts(world: World) -> World:
    world.bring(*(app(name, **texts) for name, texts in TEXTS.items()))
    return world


@pytest.fixture(params=[1, 500], ids=["many", "few"], autouse=True)
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of finding a page must find the same."""
    monkeypatch.setattr(rows, "FEW", request.param)


def _found(world: World, part: str) -> set[str]:
    page = world.see(list_apps, AppQuery(search=part, page_size=3))
    after = world.see(list_apps, AppQuery(search=part, page_size=3, page=2))
    names = {row.api_name for row in (*page, *after)}
    assert len(names) == page.total
    return names


def test_it_finds_what_is_in_a_text_to_the_letter(texts: World) -> None:
    whole = {
        name: "\n".join((given["label"], name, given["description"], f"3MVG9.{name}_key")).casefold()
        for name, given in TEXTS.items()
    }
    for part in PARTS:
        assert _found(texts, part) == {name for name in whole if part.casefold() in whole[name]}, part


def test_every_list_is_searched_to_the_letter(texts: World) -> None:
    for name in ("Long", "Wild"):
        texts.migrated(name)
    texts.log_in("100% of_it", times=1, username="any\\body@example.com")
    long, wild = {"Long"}, {"Wild"}
    finds: dict[str, set[str]] = {"<58>" + LONG: set(), "0%f": set(), "f_t": set()}
    finds |= {LONG: long, "<57>" + LONG: long, "<57>": long, "%": long | wild, "": long | wild}
    finds |= {"0% OF": wild, "f_i": wild, "\\temp": wild, "\\": wild, "\\%": wild, "/": wild}
    for part, found in finds.items():
        page = texts.see(list_external_client_apps, ExternalClientAppQuery(search=part))
        assert {row.api_name for row in page} == found, part
    for part, times in {"0% OF": 1, "f_i": 1, "f_t": 0, "Y\\B": 1, "y%b": 0, "\\": 1, LONG: 0}.items():
        assert texts.see(list_logins, LoginQuery(search=part)).total == times, part


@pytest.mark.parametrize("part", ["\0", "a\0b", "\ud800"])
def test_what_no_text_can_hold_is_refused(texts: World, part: str) -> None:
    with pytest.raises(ChangeoverError) as caught:
        _found(texts, part)
    assert caught.value.kind is errors.VALUE_REFUSED


def test_it_finds_an_app_as_it_is_now(texts: World) -> None:
    texts.do(edit_app, "Plain", {"label": "Payroll"}, seen_version=None)
    assert (_found(texts, "billing sync"), _found(texts, "payroll")) == (set(), {"Plain"})
    texts.do(edit_app, "Plain", {"description": None}, seen_version=None)
    assert _found(texts, "<57>") == {"Long"}
    texts.bring(app("Plain", label="Brought again"))
    assert (_found(texts, "payroll"), _found(texts, "brought AGAIN")) == (set(), {"Plain"})
    texts.do(delete_app, "Long", confirmed=True, seen_version=None)
    assert _found(texts, "<57>") == set()


def _where(world: World) -> list[Any]:
    """Return where the texts stand: whoever writes a row puts it elsewhere."""
    with world.house.database.read() as connection:
        query = "SELECT ctid::text, api_name_folded FROM connected_app_text ORDER BY api_name_folded"
        return list(connection.exec_driver_sql(query).all())


@pytest.mark.postgresql_only("SQLite has the texts in the index of the list")
def test_a_migration_writes_no_text(texts: World) -> None:
    before = _where(texts)
    texts.migrated("Plain")
    assert _where(texts) == before
    texts.do(delete_external_client_app, "Plain", confirmed=True, seen_version=None)
    assert _where(texts) == before
    texts.do(edit_app, "Plain", {"label": "Payroll"}, seen_version=None)
    assert [row for row in _where(texts) if row not in before] == [(ANY, "plain")]


def _relations(plan: Mapping[str, Any]) -> Iterator[str]:
    if "Relation Name" in plan:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _relations(part)


@pytest.mark.postgresql_only("its EXPLAIN")
def test_a_search_reads_the_rows_of_no_apps_but_those_that_it_shows(texts: World) -> None:
    with asked(texts) as questions:
        _found(texts, "a")
        texts.see(list_apps, AppQuery(search="a", sort="api_name", descending=True))
    searches = [(text, values) for text, values in questions if "position" in text]
    assert len(searches) >= 3
    with texts.house.database.read() as connection:
        for statement, values in searches:
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", dict(values)).scalar_one()
            assert set(_relations(plan[0]["Plan"])) == {"connected_app_text"}, statement
