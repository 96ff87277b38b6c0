"""The documents that are made from the code are what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from changeover.errors import CATALOGUE
from tools.docs import PAGES, ROOT
from tools.provoked import provoking


@pytest.mark.parametrize("name", PAGES)
def test_it_is_what_make_docs_writes(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_error_is_provoked_by_a_test(root: Path) -> None:
    provoked = provoking(root / "tests")
    assert [kind.code for kind in CATALOGUE if kind.code not in provoked] == []


def test_codes_are_unique_and_titles_are_sentences() -> None:
    codes = [kind.code for kind in CATALOGUE]
    assert sorted(set(codes)) == sorted(codes)
    for kind in CATALOGUE:
        assert kind.title.endswith("."), kind.code
        assert kind.remedy.endswith("."), kind.code


TESTS = """
import pytest
from changeover import errors
from changeover.errors import NOT_LOCAL, ChangeoverError

CASES = [("packaged", "E-PUSH-INVALID")]

def refused(answer):
    assert answer == "E-EDITION"

def test_by_code():
    assert answer() == "E-XML-BROKEN"

def test_by_kind():
    with pytest.raises(ChangeoverError) as caught:
        act()
    assert caught.value.kind is NOT_LOCAL

def test_by_attribute():
    assert act() is errors.STORE_BUSY

@pytest.mark.parametrize("case", CASES)
def test_by_table(case):
    assert act() == case[1]

def test_by_helper():
    refused(act())

def test_that_makes_the_error_itself():
    with pytest.raises(ChangeoverError):
        raise ChangeoverError(errors.INTERNAL, "E-INTERNAL")
    show(ChangeoverError(errors.NAME_TAKEN, "x"))
"""


def test_only_a_test_that_provokes_an_error_counts_for_it(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_x.py").write_text(TESTS, encoding="utf-8")
    assert provoking(tests) == {
        "E-XML-BROKEN": ["tests/test_x.py::test_by_code"],
        "E-NOT-LOCAL": ["tests/test_x.py::test_by_kind"],
        "E-STORE-BUSY": ["tests/test_x.py::test_by_attribute"],
        "E-PUSH-INVALID": ["tests/test_x.py::test_by_table"],
        "E-EDITION": ["tests/test_x.py::test_by_helper"],
    }
