"""A part's full name is unique in the org by type: deployed, imported and migrated apps keep to it."""

from __future__ import annotations

import pytest

from changeover.apps.external_client_app import (
    ExternalClientApp,
    ExternalClientApplication,
    ExtlClntAppConfigurablePolicies,
)
from changeover.apps.types import TYPES, app_of_usual_name
from changeover.errors import ChangeoverError
from changeover.migration.finding import Verdict
from changeover.org.external_client_apps import delete_external_client_app
from changeover.org.importing import Incoming, import_app
from tests.attack.conftest import stored
from tests.salesforce.metadata.test_deployment import external
from tests.salesforce.metadata.test_reading import migrated
from tests.salesforce.soap.client import Soap, external_client_app
from tests.web.conftest import Office


def renamed(files: dict[str, str], old: str, new: str) -> dict[str, str]:
    """Return the files with the OAuth settings under another name."""
    return {path.replace(f"/{old}.ecaOauth", f"/{new}.ecaOauth"): content for path, content in files.items()}


def deploys(soap: Soap, name: str, settings: str) -> None:
    """Deploy an app whose OAuth settings bear a name of their own."""
    result = soap.deploy(renamed(external_client_app(name), f"{name}_oauth", settings))
    assert result["status"] == "Succeeded", result


def refused(soap: Soap, name: str, settings: str) -> str:
    before = stored(soap.office)
    result = soap.deploy(renamed(external_client_app(name), f"{name}_oauth", settings))
    assert stored(soap.office) == before
    assert result["status"] == "Failed"
    failures = [one for one in result["details"]["componentFailures"] if "went with" not in one["problem"]]
    (told,) = [one for one in failures if one["fullName"] == settings]
    return str(told["problem"])


def verdict(office: Office) -> Verdict:
    """Return what App Manager shows of Billing."""
    with office.house.units.read() as unit:
        record = unit.apps.get(office.admin.org_id, "Billing")
    assert record is not None
    return record.verdict


def test_usual_names_lead_to_their_app() -> None:
    for entry in TYPES:
        if entry.part_suffix is not None:
            part = entry.document(full_name=f"Billing{entry.part_suffix}")
            assert app_of_usual_name(part) == "Billing"
            assert app_of_usual_name(entry.document(full_name="Billing")) == ""
    assert app_of_usual_name(ExternalClientApplication(full_name="Billing_oauth")) == ""


def test_a_deployment_takes_no_name_of_another_apps_part(soap: Soap) -> None:
    soap.office.connected_app("Billing")
    deploys(soap, "Ledger", "Ledger_oauth")
    deploys(soap, "Orders", "Shared")
    says = refused(soap, "Payroll", "ledger_oauth")
    assert says.startswith("DUPLICATE_DEVELOPER_NAME: The external client app Ledger has a part")
    assert "app Orders has a part shared.ecaOauth already" in refused(soap, "Payroll", "shared")
    assert "kept for the migration of the connected app Billing" in refused(soap, "Payroll", "Billing_oauth")
    # Its own parts may be written again, and who gives a name free has it no longer.
    deploys(soap, "Orders", "Shared")
    with soap.office.house.units.unit() as unit:
        delete_external_client_app(unit, soap.office.admin, "Orders", confirmed=True, seen_version=None)
    deploys(soap, "Payroll", "Shared")
    migrated(soap.office)
    assert external(soap.office, "Billing") is not None


def test_a_migration_and_an_import_take_none_either(soap: Soap) -> None:
    office = soap.office
    deploys(soap, "Ledger", "Billing_oauth")
    office.connected_app("Billing")
    before = stored(office)
    assert verdict(office) is Verdict.BLOCKED
    with pytest.raises(ChangeoverError) as caught:
        migrated(office)
    assert caught.value.code == "E-NAME-TAKEN"
    assert "Ledger has a part Billing_oauth.ecaOauth already" in caught.value.message
    policies = ExtlClntAppConfigurablePolicies(
        full_name="Ledger_oauth_defaultPolicy", external_client_application="Third", is_enabled=True
    )
    deploys(soap, "Fourth", "Fourth_oauth")
    taken = ExtlClntAppConfigurablePolicies(
        full_name="Fourth_oauth_defaultPolicy", external_client_application="Third", is_enabled=True
    )
    header = ExternalClientApplication(full_name="Third", label="Third", distribution_state="Local")

    def imports(part: ExtlClntAppConfigurablePolicies) -> str:
        app = ExternalClientApp(header=header, parts=(part,))
        with office.house.units.unit() as unit:
            return import_app(unit, office.admin, Incoming(app=app, path="x")).result

    with pytest.raises(ChangeoverError) as caught:
        imports(taken)
    assert caught.value.code == "E-NAME-TAKEN"
    assert imports(policies) == "created"
    assert imports(policies) == "unchanged"
    assert stored(office) != before
    with office.house.units.unit() as unit:
        delete_external_client_app(unit, office.admin, "Ledger", confirmed=True, seen_version=None)
    assert verdict(office) is Verdict.ELIGIBLE
    # An import goes before what a migration will need: the verdict says so at once.
    late = ExtlClntAppConfigurablePolicies(
        full_name="billing_plcy", external_client_application="Fifth", is_enabled=True
    )
    fifth = ExternalClientApplication(full_name="Fifth", label="Fifth", distribution_state="Local")
    with office.house.units.unit() as unit:
        import_app(unit, office.admin, Incoming(app=ExternalClientApp(header=fifth, parts=(late,)), path="y"))
    assert verdict(office) is Verdict.BLOCKED
    with office.house.units.unit() as unit:
        delete_external_client_app(unit, office.admin, "Fifth", confirmed=True, seen_version=None)
    assert verdict(office) is Verdict.ELIGIBLE
    migrated(office)
