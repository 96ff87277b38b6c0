"""Requests made from the description by schemathesis, against the application in this process.

It looks for what the description and the application do not agree on, and for errors that should not happen.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode

from tests.api.operations import PLACES
from tests.api.rest import HOST, V1, Rest

EXAMPLES = 8
# What the description allows and the org does not: a stale version, a value that makes no sense there. NUL is
# refused everywhere, which no schema can say in one place (test_strange_requests has it).
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"allow-x00": False},
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", 401, 403, 404, 409, 412, 422, 429],
            }
        },
    }
)
FILES = {"import_files", "import_logins"}
"""Their bodies are files, of which a description can say the kind only; they have tests of their own."""


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("operation", sorted(PLACES.keys() - FILES))
def test_the_description_is_kept(org: Rest, operation: str, mode: GenerationMode) -> None:
    described = schemathesis.openapi.from_asgi(
        f"{V1}/openapi.json", org.app, config=CONFIG, headers={"Host": HOST}
    )
    place = PLACES[operation]
    headers = {"Authorization": org.admin.client.headers["Authorization"], "Host": HOST}
    found = described[V1 + place.path][place.method]
    if mode is GenerationMode.NEGATIVE and not (place.described.get("parameters") or place.takes_body):
        return  # nothing in it could be invalid

    @given(case=found.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def run(case: Any) -> None:
        case.call_and_validate(headers=headers)

    run()
