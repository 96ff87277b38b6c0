"""Writers of one org take turns on both databases: what an act read still holds when it writes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import people
from changeover.org.act import held
from changeover.org.installation import create_org
from changeover.org.model.orgs import Door, Edition
from changeover.org.people import NewUser
from changeover.org.sign_in import ATTEMPTS, sign_in
from tests.org.world import World, app, other_org

ADMINISTRATOR = "System Administrator"


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that begin together; returns results and codes of refusals in their order."""
    ready = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        ready.wait()
        try:
            results[number] = acts[number]()
        except ChangeoverError as error:
            results[number] = error.code
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_administrators_cannot_deactivate_each_other(world: World) -> None:
    for number in range(4):
        other = world.user(f"second{number}@acme.example", ADMINISTRATOR)
        pair = (world.admin, other)
        found = at_once(
            *(
                lambda who=who, whom=whom: world.do(people.edit_user, whom.username, active=False, actor=who)
                for who, whom in (pair, pair[::-1])
            )
        )
        refused = [one for one in found if isinstance(one, str)]
        # Whoever came second is no active user any more.
        assert refused == ["E-USER-NOT-ACTIVE"], found
        with world.unit() as unit:
            left = unit.users.with_permission(world.org_id, "ManageUsers")
            assert len(left) == 1
            for actor in pair:
                user = unit.users.get(actor.user_id)
                assert user is not None
                unit.users.save(replace(user, active=actor is world.admin))


def test_the_last_administrators_cannot_both_step_down(world: World) -> None:
    other = world.user("second@acme.example", ADMINISTRATOR)
    found = at_once(
        *(
            lambda who=who: world.do(people.edit_user, who.username, profile="Read Only", actor=who)
            for who in (world.admin, other)
        )
    )
    assert [one for one in found if isinstance(one, (str, Exception))] == ["E-LAST-ADMINISTRATOR"]


def test_one_app_imported_many_times_at_once_is_there_once(world: World) -> None:
    found = at_once(*(lambda: world.bring(app())[0].result for _ in range(8)))
    assert Counter(found) == {"created": 1, "unchanged": 7}


def test_one_consumer_key_goes_to_one_app(world: World) -> None:
    names = [f"App{number}" for number in range(6)]
    key = {"consumer_key": "3MVG9.the_same"}
    found = at_once(*(lambda name=name: world.bring(app(name, oauth=key))[0].code for name in names))
    assert Counter(found) == {None: 1, "E-CONSUMER-KEY-TAKEN": 5}


def test_one_org_of_a_name(world: World) -> None:
    def make(number: int) -> Any:
        email = f"admin{number}@globex.example"
        return create_org(
            world.house.units,
            "Globex",
            Edition.DEVELOPER,
            my_domain=f"globex{number}",
            username=email,
            email=email,
        ).org.name

    assert Counter(at_once(*(lambda n=n: make(n) for n in range(4)))) == {"Globex": 1, "E-NAME-TAKEN": 3}


def test_one_username_over_all_orgs(world: World) -> None:
    stranger = other_org(world)
    new = NewUser(username="ada@example.com", name="Ada", email="ada@example.com", profile="Read Only")
    found = at_once(
        *(
            lambda actor=actor: bool(people.create_user(world.house.units, actor, new))
            for actor in (world.admin, stranger)
        )
    )
    assert Counter(found) == {True: 1, "E-NAME-TAKEN": 1}


def test_no_guess_at_a_password_goes_uncounted(world: World) -> None:
    def guess() -> Any:
        return sign_in(world.house.units, world.admin.username, "a wrong password", Door.BROWSER)

    found = Counter(at_once(*(guess for _ in range(ATTEMPTS + 6))))
    assert found == {"E-SIGN-IN-FAILED": ATTEMPTS, "E-SIGN-IN-LOCKED": 6}
    with pytest.raises(ChangeoverError) as caught:
        sign_in(world.house.units, world.admin.username, world.password, Door.BROWSER)
    assert caught.value.kind is errors.SIGN_IN_LOCKED


def test_counters_that_expire_at_once_stay_countable(world: World) -> None:
    values, minute = world.house.key_values("rate"), timedelta(minutes=1)
    for _ in range(5):
        for number in range(20):
            values.write(f"old{number}", b"1", timedelta(seconds=1))
        world.clock.pass_by(timedelta(minutes=5))
        found = at_once(
            *(lambda n=n: values.count(f"old{n % 4}", minute) for n in range(8)),
            *(lambda n=n: values.write(f"old{n}", b"2", minute) for n in range(4, 8)),
        )
        assert sorted(found[:8]) == [1, 1, 1, 1, 2, 2, 2, 2], found
        assert found[8:] == [True] * 4


def test_the_first_of_those_that_write_at_once_stays(world: World) -> None:
    values = world.house.key_values("own")
    day = timedelta(days=1)

    def keep(number: int) -> bytes | None:
        values.write("secret", str(number).encode(), day, only_first=True)
        return values.read("secret")

    assert len(set(at_once(*(lambda n=n: keep(n) for n in range(8))))) == 1


@pytest.mark.postgresql_only("on SQLite all orgs share one writer")
def test_one_org_keeps_no_other_waiting(world: World) -> None:
    stranger = other_org(world)
    impatient = world.again(busy_seconds=0.2)
    with world.unit() as unit:
        held(unit, world.admin)
        with impatient.units.unit() as other:
            held(other, stranger)
        with pytest.raises(ChangeoverError) as caught, impatient.units.unit() as other:
            held(other, world.admin)
    assert caught.value.kind is errors.STORE_BUSY
    # Who only looks waits for nobody.
    with world.unit() as unit, impatient.units.read() as reader:
        held(unit, world.admin)
        held(reader, world.admin)
    impatient.close()


@pytest.mark.postgresql_only("on SQLite the time is taken when the writer is free")
def test_who_waits_is_dated_after_whom_he_waited_for(world: World) -> None:
    with world.unit() as unit:
        held(unit, world.admin)
        waiting = threading.Event()
        dated: list[Any] = []

        def wait() -> None:
            with world.unit() as later:
                waiting.set()
                held(later, world.admin)
                dated.append(later.now)

        thread = threading.Thread(target=wait)
        thread.start()
        waiting.wait()
        thread.join(0.2)
        world.clock.pass_by(timedelta(seconds=5))
        ended = world.clock.now()
    thread.join()
    assert dated == [ended]
