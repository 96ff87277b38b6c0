"""Accounts are read as they were written, also in the form of before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from changeover.migration.account import Account
from changeover.migration.mapping import expected_result
from changeover.store.codec import account_from_json, account_to_json, read_json, write_json
from tests.org.world import app


def of_before(account: Account) -> Any:
    """Return an account as databases of before hold it."""
    return {
        "entries": [
            {**entry._asdict(), "targets": list(map(list, entry.targets))} for entry in account.entries
        ],
        "added": [{**added._asdict(), "target": list(added.target)} for added in account.added],
    }


def test_an_account_is_read_as_it_was_written() -> None:
    account = expected_result(app()).account
    assert {entry.kind for entry in account.entries} > {"carried"}
    assert {added.decision for added in account.added} > {None}
    written = account_to_json(account)
    assert account_from_json(json.loads(written)) == account
    before = json.dumps(of_before(account))
    assert account_from_json(json.loads(before)) == account
    assert len(written) < len(before) * 0.7


def test_half_of_a_pair_is_kept() -> None:
    account = expected_result(app(description="half of a pair \ud83d")).account
    assert account_from_json(json.loads(account_to_json(account))) == account


VALUES = [{"a": ["é\u2028", "half \ud83d", None, True, 1.5, 10**30]}, [], "", {"a": {}}]


@pytest.mark.parametrize("value", VALUES)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert read_json(write_json(value)) == value
    assert read_json(json.dumps(value)) == value, "as it was written before"
    assert read_json(write_json(value).encode()) == value, "as PostgreSQL gives it"


@pytest.mark.parametrize("text", ["", "{", "nan", '{"a"}'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever JSON's readers raise
        read_json(text)
