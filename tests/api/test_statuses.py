"""What the description documents is so: every status is answered, in one shape, and no other is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org.ports import Passwords, Unit, Units
from changeover.web.services import Services
from tests.api.operations import PLACES, Request, good, nearly_good
from tests.api.refusals import REFUSALS, Change
from tests.api.rest import Rest, refusal, well_shaped

ALL = sorted(PLACES)


@pytest.mark.parametrize("operation", ALL)
def test_a_good_request_gets_a_documented_answer(org: Rest, operation: str) -> None:
    answer = good(org, operation).send(org.admin)
    documented = {status for status in PLACES[operation].statuses if status < 300}
    assert answer.status_code in documented, answer.text
    described = PLACES[operation].described["responses"][str(answer.status_code)]
    if "content" in described:
        assert answer.headers["content-type"].partition(";")[0] in described["content"]
    else:
        assert answer.content == b""
    for name in described.get("headers", {}):
        assert name in answer.headers, name
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("operation", ALL)
def test_without_a_token_it_is_refused(still: Rest, operation: str) -> None:
    refusal(nearly_good(still, operation).send(still.nobody), "E-TOKEN-MISSING")


@pytest.mark.parametrize("operation", ALL)
def test_under_another_host_name_it_is_refused(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    answer = replace(request, headers={**request.headers, "Host": "evil.example"}).send(still.admin)
    refusal(answer, "E-HOST-UNKNOWN")


@pytest.mark.parametrize("operation", [each for each in ALL if 403 in PLACES[each].statuses])
def test_who_has_no_permission_is_refused_and_nothing_changes(org: Rest, operation: str) -> None:
    somebody = org.user("somebody@acme.example")
    caller = org.caller(somebody)
    request = good(org, operation)
    if isinstance(request.body, dict) and "password" in request.body:
        request = replace(request, body={**request.body, "password": org.world.passwords[somebody.username]})
    caller.get("/me")
    before = org.world.everything()
    if "E-NOT-PERMITTED" in PLACES[operation].codes(403):
        refusal(request.send(caller), "E-NOT-PERMITTED")
        assert org.world.everything() == before
    else:
        assert operation == "change_password"


@pytest.mark.parametrize("operation", [each for each in ALL if 404 in PLACES[each].statuses])
def test_a_name_that_is_not_there_is_not_found(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    if not request.names:
        return  # what its body names: in REFUSALS
    answer = request.of("Nope").send(still.admin)
    body = well_shaped(answer)
    assert answer.status_code == 404
    assert body["code"] in PLACES[operation].codes(404)
    assert "Nope" in body["detail"]


@pytest.mark.parametrize("operation", [each for each in ALL if PLACES[each].takes_version])
def test_a_change_says_which_version_it_was_made_for(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    refusal(replace(request, version=None).send(still.admin), "E-VERSION-MISSING")
    refusal(replace(request, version='"999"').send(still.admin), "E-STALE-PAGE", 412)
    for text in ("3", 'W/"3"', '"3", "4"', '"three"', '"' + "9" * 40 + '"', ""):
        refusal(replace(request, version=text).send(still.admin), "E-REQUEST-INVALID")


@pytest.mark.parametrize("operation", [each for each in ALL if PLACES[each].takes_body])
def test_a_body_of_another_kind_is_refused(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = replace(request, body=b"a=b", headers={"Content-Type": kind}).send(still.admin)
        refusal(answer, "E-MEDIA-TYPE")


@pytest.mark.parametrize("operation", [each for each in ALL if PLACES[each].takes_body])
def test_a_body_that_is_too_large_is_refused(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    is_file = isinstance(request.body, bytes)
    much = (33 if is_file else 3) * 1024 * 1024
    answer = replace(request, body=b" " * much, kind=request.kind).send(still.admin)
    refusal(answer, "E-REQUEST-TOO-LARGE")


JSON = [
    each
    for each in ALL
    if "application/json" in PLACES[each].described.get("requestBody", {}).get("content", {})
]


@pytest.mark.parametrize("operation", [each for each in JSON if each != "import_logins"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"surely_unknown": 1}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
    ],
    ids=["empty", "cut off", "list", "null", "text", "no UTF-8", "unknown field", "deep list", "deep object"],
)
def test_a_body_that_cannot_be_read_is_refused(still: Rest, operation: str, body: bytes) -> None:
    request = nearly_good(still, operation)
    answer = replace(request, body=body, kind="application/json").send(still.admin)
    refusal(answer, "E-REQUEST-INVALID")


@pytest.mark.parametrize(
    "operation", [each for each in ALL if "E-REQUEST-INVALID" in PLACES[each].codes(400)]
)
def test_a_parameter_that_cannot_be_read_is_refused(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    for parameter in PLACES[operation].described.get("parameters", ()):
        if parameter["in"] != "query":
            continue
        longest = parameter["schema"].get("maxLength")
        wrong = "no such value" if longest is None else "x" * (longest + 1)
        answer = replace(request, params={**request.params, parameter["name"]: wrong}).send(still.admin)
        body = refusal(answer, "E-REQUEST-INVALID")
        assert [each["name"] for each in body["fields"]] == [parameter["name"]]


class Refusing(AbstractContextManager[Unit]):
    """A transaction that cannot be begun."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __enter__(self) -> Unit:
        raise self._error

    def __exit__(self, *_: object) -> None: ...


class Broken:
    """Units of which none can be begun."""

    def __init__(self, error: Exception, units: Units) -> None:
        self._error = error
        self.passwords: Passwords = units.passwords

    def unit(self) -> AbstractContextManager[Unit]:
        return Refusing(self._error)

    def read(self) -> AbstractContextManager[Unit]:
        return Refusing(self._error)

    def together(
        self,
        work: Callable[[Unit], Any],
        done: Callable[[Any, Exception | None], None],
        *,
        only_reads: bool = False,
    ) -> None:
        del work, only_reads
        done(None, self._error)


def _break(rest: Rest, error: Exception) -> None:
    services: Services = rest.app.state.services
    rest.app.state.services = replace(services, units=Broken(error, services.units))


@pytest.mark.parametrize("operation", ALL)
def test_a_busy_store_is_told_and_to_be_tried_again(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    _break(still, ChangeoverError(errors.STORE_BUSY, "Another process holds the database."))
    refusal(request.send(still.admin), "E-STORE-BUSY")


@pytest.mark.parametrize("operation", ALL)
def test_what_should_not_happen_tells_nothing_but_a_reference(still: Rest, operation: str) -> None:
    request = nearly_good(still, operation)
    _break(still, RuntimeError("a secret detail"))
    body = refusal(request.send(still.admin), "E-INTERNAL")
    assert "secret detail" not in str(body)
    assert len(body["reference"]) == 12


@pytest.mark.parametrize(
    ("operation", "code", "change"), REFUSALS, ids=[f"{each[0]}-{each[1]}" for each in REFUSALS]
)
def test_each_refusal_of_an_operation(org: Rest, operation: str, code: str, change: Change) -> None:
    request: Request = change(org, good(org, operation))
    org.admin.get("/me")  # notes when the token was last used
    before = org.world.everything()
    answer = request.send(org.admin)
    refusal(answer, code)
    assert code in PLACES[operation].codes(answer.status_code), "not documented"
    if code not in {"E-PASSWORD-WRONG", "E-SIGN-IN-LOCKED"}:  # these count wrong passwords
        assert org.world.everything() == before


def test_every_documented_code_is_real() -> None:
    provoked = {(operation, code) for operation, code, _ in REFUSALS}
    generic = {
        "E-HOST-UNKNOWN",
        "E-TOKEN-MISSING",
        "E-TOKEN-REFUSED",
        "E-NOT-PERMITTED",
        "E-INTERNAL",
        "E-STORE-BUSY",
        "E-STORE-FAILED",
        "E-STORE-UNCERTAIN",
        "E-REQUEST-INVALID",
        "E-REQUEST-TOO-LARGE",
        "E-MEDIA-TYPE",
        "E-VERSION-MISSING",
    }
    missing = [
        (operation, code)
        for operation, place in PLACES.items()
        for status in place.statuses
        for code in place.codes(status) - generic
        if (operation, code) not in provoked
        # By the names of the path, or by If-Match, for every operation that has them.
        and status not in {404, 412}
    ]
    assert not missing
