"""Names of files, and the corpus: every file of an app is read, and written back as it stood."""

from __future__ import annotations

from pathlib import Path

import pytest

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExtlClntAppGlobalOauthSettings
from changeover.apps.types import TYPES, MetadataType
from changeover.metadata.files import (
    FileName,
    path_of,
    read_document,
    split_name,
    type_of,
    write_document,
)

# Comments are no part of a document; these three end without the line end that Salesforce writes.
NOT_BYTE_FOR_BYTE = {
    "RevenueAgent_Headless.eca-meta.xml",
    "RevenueAgent_Headless.ecaGlblOauth-meta.xml",
    "RevenueAgent_Headless.ecaOauth-meta.xml",
    "RevenueAgent_Headless.ecaOauthPlcy-meta.xml",
    "Box_Automate_CLM_oauthPlcy.ecaOauthPlcy-meta.xml",
    "ecaViaMetadata.eca-meta.xml",
    "ecaViaMetadataGlblOAuth.ecaGlblOauth-meta.xml",
    "ecaViaMetadataSettings.ecaOauth-meta.xml",
}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b/Billing.connectedApp-meta.xml", FileName("Billing", "connectedApp", source_format=True)),
        ("Billing.connectedApp", FileName("Billing", "connectedApp", source_format=False)),
        ("x/a.b.eca", FileName("a.b", "eca", source_format=False)),
        ("x/.eca", None),
        ("x.eca/Billing", None),
        ("-meta.xml", None),
    ],
)
def test_a_name_tells_type_and_full_name(path: str, name: FileName | None) -> None:
    assert split_name(path) == name


def test_case_matters_in_a_suffix_as_it_does_to_salesforce() -> None:
    assert type_of("Billing.connectedapp-meta.xml") is None


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
def test_a_document_of_each_type_is_found_again_by_its_path(entry: MetadataType) -> None:
    document = entry.document(full_name="Billing")
    for source_format in (True, False):
        path = path_of(document, source_format=source_format)
        assert type_of(path) == entry
        assert read_document(write_document(document), path).document == document


def files(corpus: Path, kind: str) -> list[Path]:
    return sorted(path for path in (corpus / kind).rglob("*") if path.is_file())


def test_external_client_apps_of_the_corpus_are_written_back_byte_for_byte(corpus: Path) -> None:
    found = files(corpus, "external-client-apps")
    assert len(found) == 114
    differ = set()
    for path in found:
        data = path.read_bytes()
        read = read_document(data, path.name)
        written = write_document(read.document)
        again = read_document(written, path.name)
        assert again.document == read.document
        assert again.comments == ()
        if written != data:
            differ.add(path.name)
            assert read.comments or not data.endswith(b"\n")
    assert differ == NOT_BYTE_FOR_BYTE


def test_connected_apps_of_the_corpus_are_written_back_byte_for_byte(corpus: Path) -> None:
    found = files(corpus, "connected-apps")
    assert len(found) == 199
    differ = set()
    for path in found:
        data = path.read_bytes()
        document = read_document(data, path.name).document
        written = write_document(document)
        assert read_document(written, path.name).document == document
        assert isinstance(document, ConnectedApp)
        if written != data:
            differ.add(path.name)
    # A missing line end, and two files whose elements were put in another order by hand.
    assert differ == {
        "RLM_DRO.connectedApp-meta.xml",
        "slackApp.connectedApp-meta.xml",
        "slackApp2.connectedApp-meta.xml",
    }


def test_carriage_returns_of_the_corpus_are_kept(corpus: Path) -> None:
    found = [path for path in files(corpus, "external-client-apps") if b"\r" in path.read_bytes()]
    assert found
    for path in found:
        document = read_document(path.read_bytes(), path.name).document
        assert isinstance(document, ExtlClntAppGlobalOauthSettings)
        assert "\r\n" in (document.callback_url or "") + (document.certificate or "")
