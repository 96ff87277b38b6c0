"""Prepared statements give what SQLAlchemy gives, errors included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, Integer, bindparam, cast, func, insert, or_, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.oauth_records import Authorization, Flow
from changeover.store.prepared import Prepared, Question, Remembered, foresee, meanwhile
from changeover.store.schema import metadata
from changeover.store.schema.oauth import oauth_access_token, oauth_authorization
from changeover.store.schema.orgs import org
from changeover.store.types import Text, UtcDateTime, sqlite_time
from tests.heard import heard
from tests.org.world import START, World

TABLES = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
_TOKEN = Prepared(insert(oauth_access_token), [column.name for column in oauth_access_token.c])


def _token(world: World, digest: str, **changes: Any) -> dict[str, Any]:
    return {
        "digest": digest,
        "org_id": world.org_id,
        "consumer_key": "key",
        "user_id": world.admin.user_id,
        "scopes": ["api", "web"],
        "flow": "OauthJwtBearer",
        "issued_at": START.astimezone(tz=None),
        "expires_at": START + timedelta(hours=2),
        "authorization_id": None,
        **changes,
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_are_the_same(world: World, table: Any) -> None:
    query = select(table).order_by(*table.primary_key.columns)
    with world.house.database.read() as connection:
        theirs = [dict(row) for row in connection.execute(query).mappings()]
        ours = Prepared(query).all(connection, {})
    assert ours == theirs
    if table is org:
        assert ours


def test_what_is_written_is_read_the_same(world: World) -> None:
    query = select(oauth_access_token).where(oauth_access_token.c.digest == bindparam("digest"))
    with world.house.database.write() as connection:
        assert _TOKEN.run(connection, _token(world, "a")) == 1
        connection.execute(insert(oauth_access_token), _token(world, "b"))
        one, other = (
            dict(connection.execute(query, {"digest": digest}).mappings().one()) for digest in ("a", "b")
        )
        assert Prepared(query).one(connection, {"digest": "a"}) == one
        assert Prepared(query).one(connection, {"digest": "none"}) is None
    assert {**one, "digest": "b"} == other
    assert one["issued_at"] == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert one["scopes"] == ["api", "web"]


def test_a_union_and_what_stands_in_the_statement_itself(world: World) -> None:
    query = (
        select(org.c.id, org.c.version)
        .where(or_(org.c.name == "Acme", org.c.name == "Nobody's"))
        .union_all(select(org.c.id, org.c.version).where(org.c.edition == bindparam("edition")))
    )
    set_edition = update(org).where(org.c.id == bindparam("which")).values(version=org.c.version + 1)
    with world.house.database.write() as connection:
        changed = Prepared(set_edition, ["edition"])
        assert changed.run(connection, {"which": world.org_id, "edition": "Performance"}) == 1
        assert changed.run(connection, {"which": "nobody's", "edition": "Group"}) == 0
        theirs = [dict(row) for row in connection.execute(query, {"edition": "Performance"}).mappings()]
        assert Prepared(query).all(connection, {"edition": "Performance"}) == theirs
        assert len(theirs) == 2
        assert len(Prepared(query).all(connection, {"edition": "Developer"})) == 1


def test_what_is_written_later_is_there_for_what_comes_next(world: World) -> None:
    everything = Prepared(select(oauth_access_token.c.digest).order_by(oauth_access_token.c.digest))
    with world.house.database.write() as connection:
        _TOKEN.later(connection, _token(world, "a"))
        assert [row["digest"] for row in everything.all(connection, {})] == ["a"]
        _TOKEN.later(connection, _token(world, "b"))
        assert connection.execute(select(func.count()).select_from(oauth_access_token)).scalar_one() == 2
        for digest in ("c", "d"):
            _TOKEN.later(connection, _token(world, digest))
    with world.house.database.read() as connection:
        assert [row["digest"] for row in everything.all(connection, {})] == ["a", "b", "c", "d"]


def test_what_is_written_later_and_fails_takes_all_back(world: World) -> None:
    everything = Prepared(select(oauth_access_token.c.digest))
    hidden = "what-nobody-may-read"

    def write(digests: str, *, give_up: bool = False) -> None:
        with world.house.database.write() as connection:
            for digest in digests:
                _TOKEN.later(connection, _token(world, digest, consumer_key=hidden))
            if give_up:
                raise KeyError

    def there() -> list[Any]:
        with world.house.database.write() as connection:
            return everything.all(connection, {})

    for digests in ("abbc", "aa", "bab"):
        with pytest.raises(IntegrityError) as caught:
            write(digests)
        assert hidden not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
        assert there() == []
    with pytest.raises(KeyError):
        write("a", give_up=True)
    assert there() == []


def test_a_row_that_is_there_already_is_an_error_without_values(world: World) -> None:
    with world.house.database.write() as connection:
        _TOKEN.run(connection, _token(world, "a"))
    secret = "what-nobody-may-read"
    with pytest.raises(IntegrityError) as caught, world.house.database.write() as connection:
        _TOKEN.run(connection, _token(world, "a", consumer_key=secret))
    assert secret not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"


def test_what_no_database_can_hold_is_refused(world: World) -> None:
    with pytest.raises(ChangeoverError) as caught, world.house.database.write() as connection:
        _TOKEN.run(connection, _token(world, "a", consumer_key="half of a pair \ud83d"))
    assert caught.value.kind is errors.VALUE_REFUSED


@pytest.mark.parametrize("halves", [("key", "half \ud83d"), ("\ud83d", "\ude00"), ("key\0", "flow")])
def test_texts_are_checked_each_and_together(world: World, halves: tuple[str, str]) -> None:
    consumer_key, flow = halves
    with pytest.raises(ChangeoverError) as caught, world.house.database.write() as connection:
        _TOKEN.run(connection, _token(world, "a", consumer_key=consumer_key, flow=flow))
    assert caught.value.kind is errors.VALUE_REFUSED


def test_a_time_without_a_zone_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="without a zone"), world.house.database.write() as connection:
        _TOKEN.run(connection, _token(world, "a", issued_at=START.replace(tzinfo=None)))


@pytest.mark.parametrize("micros", [0, 1, 120_000, 999_999])
def test_times_are_kept_as_sqlalchemy_keeps_them(micros: int) -> None:
    at = START.replace(year=987, microsecond=micros).astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    theirs = UtcDateTime().dialect_impl(sqlite.dialect()).bind_processor(sqlite.dialect())
    assert theirs is not None
    assert sqlite_time(at) == theirs(at)
    assert sqlite_time(None) is None


def test_what_rows_mean_is_worked_out_once_and_anew_when_they_change(world: World) -> None:
    met: list[Any] = []

    def meaning(rows: list[Any]) -> list[Any]:
        met.append(rows)
        return [row["name"] for row in rows]

    names = Remembered(select(org.c.id, org.c.name).where(org.c.version >= bindparam("version")), meaning)

    def found(version: int) -> list[Any]:
        with world.house.database.read() as connection:
            return names.find(connection, {"version": version})

    first = found(0)
    assert first == ["Acme"]
    assert found(0) is first
    assert found(1_000) == []
    with world.house.database.write() as connection:
        connection.execute(update(org).values(name="Acme of today"))
        # In the very transaction that writes it, and in others once that is committed.
        assert names.find(connection, {"version": 0}) == ["Acme of today"]
        assert found(0) == ["Acme"]
    assert found(0) == ["Acme of today"]
    assert len(met) == 3


def test_a_table_that_is_gone_is_told_in_our_words(world: World) -> None:
    with world.house.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE oauth_authorization RENAME TO elsewhere")
    with pytest.raises(ChangeoverError) as caught, world.house.database.read() as connection:
        Prepared(select(oauth_authorization)).all(connection, {})
    assert caught.value.kind is errors.STORE_FAILED


@pytest.mark.postgresql_only("SQLite has no connection to lose")
def test_a_connection_that_is_cut_is_replaced(world: World) -> None:
    query = Prepared(select(org))

    def cut() -> None:
        with world.house.database.read() as connection:
            number = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with world.house.database.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
            query.all(connection, {})

    with pytest.raises(ChangeoverError) as caught:
        cut()
    assert caught.value.kind is errors.STORE_FAILED
    with world.house.database.read() as connection:
        assert len(query.all(connection, {})) == 1


@pytest.mark.postgresql_only("SQLite's driver keeps them by itself")
def test_what_the_server_has_prepared_outlasts_a_rollback(world: World) -> None:
    query = Prepared(select(org.c.name).where(org.c.id == bindparam("org")))
    asked = text("SELECT name, pg_backend_pid() FROM pg_prepared_statements WHERE statement LIKE :like")

    def prepared() -> set[Any]:
        with world.house.database.write() as connection:
            for _ in range(6):
                query.one(connection, {"org": world.org_id})
            return {tuple(row) for row in connection.execute(asked, {"like": "SELECT org.name %"})}

    def refused() -> None:
        with world.house.database.write() as connection:
            query.one(connection, {"org": world.org_id})
            raise LookupError

    before = prepared()
    with pytest.raises(LookupError):
        refused()
    assert before
    assert prepared() == before


def _mine(org_id: str, number: str) -> list[Question]:
    """Questions of which the first fails for what is no number."""
    return [
        Question(Prepared(select(cast(bindparam("number", type_=Text), Integer))), {"number": number}),
        Question(Prepared(select(org.c.edition).where(org.c.id == bindparam("org"))), {"org": org_id}),
    ]


@pytest.mark.postgresql_only("SQLite's driver keeps them by itself")
@pytest.mark.parametrize("before", range(4, 8))
def test_what_never_reached_the_server_is_not_taken_for_prepared(world: World, before: int) -> None:
    """The driver notes a statement as prepared that the server skips since one before it has failed."""
    alone = world.again()
    for _ in range(before):
        with alone.database.write() as connection:
            foresee(connection, _mine(world.org_id, "1"))
    with pytest.raises(DBAPIError), alone.database.write() as connection:
        foresee(connection, _mine(world.org_id, "none"))
    for _ in range(8):
        with alone.database.write() as connection:
            assert _mine(world.org_id, "1")[1].one(connection) == {"edition": "Developer"}
    alone.close()


@pytest.mark.postgresql_only("SQLite's driver keeps them by itself")
def test_what_the_server_has_forgotten_is_prepared_anew(world: World) -> None:
    """As behind a pooler that gives a connection to others in between."""
    alone = world.again()

    def ask() -> None:
        with alone.database.write() as connection:
            assert _mine(world.org_id, "1")[1].one(connection) is not None

    for _ in range(7):
        ask()
    with alone.database.write() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.pgconn.exec_(b"DEALLOCATE ALL")
    with pytest.raises(ChangeoverError) as caught:
        ask()
    assert caught.value.kind is errors.STORE_FAILED
    ask()
    alone.close()


_NAME = Prepared(select(org.c.name).where(org.c.id == bindparam("org")))
_RENAME = Prepared(update(org).where(org.c.id == bindparam("org")), ["name"])


def _rename_later(connection: Connection, org_id: str) -> None:
    _RENAME.later(connection, {"org": org_id, "name": "Renamed"})


def _rename_now(connection: Connection, org_id: str) -> None:
    _RENAME.run(connection, {"org": org_id, "name": "Renamed"})


def _rename_by_hand(connection: Connection, org_id: str) -> None:
    connection.execute(update(org).where(org.c.id == org_id).values(name="Renamed"))


@pytest.mark.parametrize("rename", [_rename_later, _rename_now, _rename_by_hand])
def test_what_was_foreseen_is_asked_anew_once_something_is_written(
    world: World, rename: Callable[[Connection, str], None]
) -> None:
    mine, nobodys = Question(_NAME, {"org": world.org_id}), Question(_NAME, {"org": "nobody's"})
    with world.house.database.write() as connection:
        before = mine.one(connection)
        foresee(connection, [mine])
        assert nobodys.one(connection) is None, "the answer is to another question"
        foresee(connection, [mine])
        assert mine.one(connection) == before
        assert mine.one(connection) == before, "asked again, since an answer is given once"
        foresee(connection, [mine])
        rename(connection, world.org_id)
        assert mine.all(connection) == [{"name": "Renamed"}]


@pytest.mark.postgresql_only("SQLite answers at once and is asked nothing ahead")
def test_what_was_foreseen_comes_in_one_message_and_is_heard_once(world: World) -> None:
    question = Question(_NAME, {"org": world.org_id})
    engine = world.house.database._writer
    with heard(engine) as said, world.house.database.write() as connection:
        foresee(connection, [question])
        asked = len(said)
        assert question.one(connection) is not None
        assert len(said) == asked


@pytest.mark.postgresql_only("SQLite answers at once and is asked nothing ahead")
def test_what_fails_before_it_is_asked_is_told_in_our_words(world: World) -> None:
    with world.house.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE oauth_authorization RENAME TO elsewhere")
    questions = [
        Question(_NAME, {"org": world.org_id}),
        Question(Prepared(select(oauth_authorization)), {}),
        Question(_NAME, {"org": "nobody's"}),
    ]
    with pytest.raises(ChangeoverError) as caught, world.house.database.write() as connection:
        foresee(connection, questions)
    assert caught.value.kind is errors.STORE_FAILED
    assert "oauth_authorization" in caught.value.message
    with world.house.database.write() as connection:
        assert questions[0].one(connection) is not None, "the connection is as good as before"


@pytest.mark.postgresql_only("SQLite commits at once")
def test_meanwhile_happens_once_and_before_the_commit_is_answered(world: World) -> None:
    done: list[str] = []
    with world.house.database.write() as connection:
        meanwhile(connection, lambda: done.append("with a commit of what waited"))
        _rename_later(connection, world.org_id)
    with world.house.database.write() as connection:
        _rename_later(connection, world.org_id)
    assert done == ["with a commit of what waited"]
    with world.house.database.read() as connection:
        assert _NAME.one(connection, {"org": world.org_id}) == {"name": "Renamed"}


def test_what_is_not_committed_has_no_meanwhile(world: World) -> None:
    done: list[str] = []

    def fail() -> None:
        with world.house.database.write() as connection:
            meanwhile(connection, lambda: done.append("never"))
            _rename_later(connection, world.org_id)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with world.house.database.write() as connection:
        _rename_later(connection, world.org_id)
    assert not done


@pytest.mark.postgresql_only("SQLite has no connection to lose")
def test_a_connection_that_is_cut_in_the_commit_leaves_it_open_what_happened(world: World) -> None:
    def cut() -> None:
        with world.house.database.write() as connection:
            number = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()

            def terminate() -> None:
                with world.house.database.read() as other:
                    other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})

            meanwhile(connection, terminate)
            _rename_later(connection, world.org_id)

    kinds = set()
    for _ in range(10):
        try:
            cut()
        except ChangeoverError as error:
            kinds.add(error.kind)
    # The server may have committed before it was cut: that it has failed is more than anybody knows.
    assert kinds <= {errors.STORE_UNCERTAIN}
    with world.house.database.read() as connection:
        found = _NAME.one(connection, {"org": world.org_id})
    assert found is not None, "the next connection is as good as ever"


def test_a_refresh_token_is_looked_at_where_nothing_is_written(world: World) -> None:
    with world.unit() as unit:
        unit.oauth.authorize(
            Authorization(
                authorization_id="0CQ000000000000AAA",
                org_id=world.org_id,
                consumer_key="key",
                user_id=world.admin.user_id,
                scopes=("api",),
                flow=Flow.WEB_SERVER,
                created_at=START,
                last_used_at=START,
                use_count=1,
                refresh_issued_at=START,
            ),
            "digest",
        )
        locked = unit.oauth.by_refresh("digest")
    with world.read() as unit:
        assert unit.oauth.by_refresh("digest", lock=False) == locked
        assert unit.oauth.by_refresh("none", lock=False) is None
