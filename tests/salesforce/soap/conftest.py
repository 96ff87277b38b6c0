"""Fixtures for tests of the SOAP APIs over HTTP."""

from __future__ import annotations

import pytest

from tests.salesforce.soap.client import Soap
from tests.web.conftest import Office, admin, anyone, office

__all__ = ["admin", "anyone", "office"]


@pytest.fixture
def soap(office: Office) -> Soap:
    """Return the administrator's client, logged in."""
    return Soap.logged_in(office)
