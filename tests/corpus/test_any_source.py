"""Any file that is XML, however odd: read, mapped, written, and held to account by the tests' own reader."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changeover.apps.connected_app import ConnectedApp
from changeover.cli.assess_json import app_object
from changeover.cli.assessed import Assessed
from changeover.metadata.files import read_document, write_document
from changeover.migration.finding import Assessment, Verdict
from changeover.migration.mapping import expected_result
from tests.corpus.accounts import Books
from tests.corpus.made_up import EVERYTHING, connected_app
from tests.corpus.own_xml import Node, read

# Names that the product knows, in places where they may or may not belong, and names it has never heard of.
# Secrets have tests of their own: here every value must be seen.
KNOWN = sorted({leaf.name for leaf in read(connected_app(EVERYTHING).encode()).leaves()} - {"consumerSecret"})
GROUPS = ["oauthConfig", "oauthPolicy", "samlConfig", "canvasConfig", "sessionPolicy", "mobileAppConfig"]
GROUPS += ["ipRanges", "attributes", "idTokenConfig", "assetTokenConfig", "canvas"]
STRANGE = ["hologram", "externalClientApplication", "isEnabled", "label", "startPage", "consumerKey2"]
NAMES = st.sampled_from([*KNOWN, *GROUPS, *GROUPS, *STRANGE])
SAMPLES = ["", " ", "true", "false", "TRUE", "0", "007", "infinite", "specific_lifetime:3:DAYS", "ENFORCE"]
SAMPLES += [
    "BYPASS",
    "A2A",
    "SFAP",
    "Api",
    "a, b",
    "Triple_Des",
    "Chatter",
    "Visualforce",
    "None",
    "\r\n",
    "a\r\nb",
]
VALUES = st.one_of(
    st.sampled_from(SAMPLES),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12),
)


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(NAMES, children).map(lambda made: f"<{made[0]}>{made[1]}</{made[0]}>")


LEAVES = _element(VALUES.map(lambda value: escape(value, {"\r": "&#13;"})))
BODIES = st.lists(
    st.recursive(
        LEAVES, lambda inner: _element(st.lists(inner, min_size=1, max_size=5).map("".join)), max_leaves=8
    ),
    max_size=12,
).map("".join)


def _json(app: ConnectedApp, made: Any) -> dict[str, Any]:
    assessment = Assessment(verdict=Verdict.ELIGIBLE, findings=(), not_visible=())
    path = "Odd.connectedApp-meta.xml"
    said = Assessed(path=path, app=app, assessment=assessment, findings=(), account=made.account)
    return app_object(said)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES)
def test_any_source_is_accounted_for(body: str) -> None:
    data = connected_app(f"<label>Odd</label>{body}").encode()
    app = read_document(data, "Odd.connectedApp-meta.xml").document
    assert isinstance(app, ConnectedApp)
    made = expected_result(app)
    files: dict[str, Node] = {}
    for document in made.external_client_app.documents:
        ending = {"ExternalClientApplication": "eca"}.get(type(document).__name__)
        written = read(write_document(document))
        name = f"{document.full_name}.{ending}" if ending else _component(document.full_name)
        files[name] = written
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Odd.connectedApp-meta.xml").write_bytes(data)
        books = Books(Path(folder), files, _json(app, made), by_tables=False)
        assert books.faults() == []


def _component(full_name: str) -> str:
    endings = {
        "_glbloauth": "ecaGlblOauth",
        "_oauth": "ecaOauth",
        "_oauthPlcy": "ecaOauthPlcy",
        "_plcy": "ecaPlcy",
        "_oauthSecurity": "ecaOauthSecurity",
        "_samlPlcy": "ecaSamlPlcy",
        "_canvasSettings": "ecaCanvas",
        "_notifications": "ecaNotifications",
    }
    return f"{full_name}.{endings[full_name.removeprefix('Odd')]}"
