"""The served description: whole, true, and readable by programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from litestar.routes import HTTPRoute

from changeover import __version__
from tests.api.operations import PLACES, document, good
from tests.api.rest import V1, Rest

READERS = [operation for operation in sorted(PLACES) if PLACES[operation].method == "GET"]


def test_it_is_served_without_a_token_and_is_the_one_that_is_tested(rest: Rest) -> None:
    answer = rest.nobody.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json"
    assert answer.json() == document()


def test_it_is_openapi_3_1_by_the_standard_schema() -> None:
    schemathesis_reads_it()
    assert document()["openapi"].startswith("3.1.")
    assert document()["info"]["version"] == __version__


def schemathesis_reads_it() -> None:
    import schemathesis  # noqa: PLC0415 - it takes two seconds

    schema = schemathesis.openapi.from_dict(document())
    schema.validate()


def test_every_route_is_in_it_and_nothing_else(rest: Rest) -> None:
    served = {
        (method, route.path_format)
        for route in rest.app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(V1)
        for method in route.methods - {"OPTIONS"}
    }
    described = {(method.upper(), path) for path, item in document()["paths"].items() for method in item}
    assert served - {("GET", f"{V1}/openapi.json")} == described


def test_every_operation_says_what_it_does_and_takes_a_token() -> None:
    assert document()["security"] == [{"personalApiToken": []}]
    for place in PLACES.values():
        assert place.described["summary"]
        assert not place.described["summary"].endswith(".")
        assert place.described["tags"]
        assert "security" not in place.described
        assert {400, 401, 500, 503} <= place.statuses, place.operation


def test_every_error_is_a_problem_detail() -> None:
    for place in PLACES.values():
        for status, response in place.described["responses"].items():
            if int(status) >= 400:
                shape = {"$ref": "#/components/schemas/Problem"}
                assert response["content"] == {"application/problem+json": {"schema": shape}}, place.operation
                assert place.codes(int(status)), place.operation


def test_what_changes_a_versioned_record_needs_if_match() -> None:
    for place in PLACES.values():
        needed = {each["name"]: each["required"] for each in place.described.get("parameters", ())}
        assert ("If-Match" in needed) is ({412, 428} <= place.statuses), place.operation
        assert needed.get("If-Match", True) is True


def test_no_parameter_may_be_null() -> None:
    for place in PLACES.values():
        for parameter in place.described.get("parameters", ()):
            assert "null" not in str(parameter["schema"].get("type")), (place.operation, parameter["name"])
            assert None not in parameter["schema"].get("enum", ())
            assert parameter["name"] != "call"


def test_names_of_shapes_are_plain_and_each_is_explained() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert name.isalnum(), name
        assert "enum" in schema or schema.get("description"), name


def test_bodies_that_refuse_unknown_fields_say_so() -> None:
    for place in PLACES.values():
        content = place.described.get("requestBody", {}).get("content", {}).get("application/json", {})
        for reference in _references(content.get("schema", {})):
            assert document()["components"]["schemas"][reference]["additionalProperties"] is False, reference


def _references(schema: dict[str, Any]) -> Iterator[str]:
    for each in (schema, *schema.get("oneOf", ())):
        if "$ref" in each:
            yield each["$ref"].rpartition("/")[2]


@pytest.mark.parametrize("operation", [each for each in sorted(PLACES) if each != "openapi"])
def test_answers_are_as_described(org: Rest, operation: str) -> None:
    answer = good(org, operation).send(org.admin)
    described = PLACES[operation].described["responses"][str(answer.status_code)]
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return
    # Read as strictly as can be: what is answered and not described is a mistake here.
    components = {"schemas": dict(document()["components"]["schemas"])}
    for name, shape in components["schemas"].items():
        if shape.get("type") == "object" and "properties" in shape:
            components["schemas"][name] = {"additionalProperties": False, **shape}
    jsonschema_rs.validator_for({**schema, "components": components}).validate(answer.json())
