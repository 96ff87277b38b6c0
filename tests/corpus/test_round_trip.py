"""Real files are read and written back: the same bytes, or at least the same meaning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from changeover.metadata.files import read_document, write_document
from tests.corpus.own_xml import meaning


def _written_back(folder: Path) -> Iterator[tuple[str, bytes, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            shown = file.relative_to(folder).as_posix()
            yield shown, data, write_document(read_document(data, shown).document)


def _same_meaning(before: bytes, after: bytes) -> bool:
    # Elements of different names may stand in any order; namesakes keep theirs, by their numbers.
    return sorted(meaning(before)) == sorted(meaning(after))


def test_external_client_app_files_come_back_byte_for_byte(corpus: Path) -> None:
    files = list(_written_back(corpus / "external-client-apps"))
    assert len(files) == 114
    other = [path for path, before, after in files if before != after]
    assert len(other) <= 8, other
    assert [path for path, before, after in files if not _same_meaning(before, after)] == []


def test_the_bytes_that_differ_are_comments_declarations_and_order(corpus: Path) -> None:
    """A file that Salesforce itself might have written comes back as it stood."""
    for path, before, after in _written_back(corpus / "external-client-apps"):
        if before == after:
            continue
        names = [step for step, _ in meaning(before)[1:] if "/" not in step]
        tidy = (
            b"<!--" not in before
            and before.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')
            and names == sorted(names)
            and before.endswith(b">\n")
        )
        assert not tidy, path


def test_connected_app_files_keep_their_meaning(corpus: Path) -> None:
    files = list(_written_back(corpus / "connected-apps"))
    assert len(files) == 199
    assert [path for path, before, after in files if not _same_meaning(before, after)] == []
    other = [path for path, before, after in files if before != after]
    # A formatter's line breaks in a start tag, its order, and a missing end of line.
    assert len(other) <= 3, other


def test_carriage_returns_in_values_survive(corpus: Path) -> None:
    found = 0
    for kind in ("connected-apps", "external-client-apps"):
        for path, before, after in _written_back(corpus / kind):
            values = [value for _, value in meaning(before) if "\r" in value]
            if values:
                found += 1
                assert [value for _, value in meaning(after) if "\r" in value] == values, path
    assert found == 6
