"""From files to an org: every app once, with its file and the references to it; broken files apart."""

from __future__ import annotations

from pathlib import Path

from changeover.apps.connected_app import ConnectedApp
from changeover.apps.external_client_app import ExternalClientApp
from changeover.errors import HEADER_MISSING, XML_BROKEN
from changeover.project.incoming import incoming
from changeover.project.project import Project

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
_FILES = {
    "connectedApps/Billing.connectedApp-meta.xml": (
        f"<ConnectedApp {_NAMESPACE}><contactEmail>a@b.example</contactEmail>"
        "<label>Billing</label></ConnectedApp>"
    ),
    "connectedApps/Broken.connectedApp-meta.xml": "<ConnectedApp>",
    "externalClientApps/Portal.eca-meta.xml": (
        f"<ExternalClientApplication {_NAMESPACE}><label>Portal</label></ExternalClientApplication>"
    ),
    "extlClntAppGlobalOauthSets/Portal_glbloauth.ecaGlblOauth-meta.xml": (
        f"<ExtlClntAppGlobalOauthSettings {_NAMESPACE}><consumerKey>key</consumerKey>"
        "<externalClientApplication>Portal</externalClientApplication></ExtlClntAppGlobalOauthSettings>"
    ),
    "extlClntAppGlobalOauthSets/Lost_glbloauth.ecaGlblOauth-meta.xml": (
        f"<ExtlClntAppGlobalOauthSettings {_NAMESPACE}>"
        "<externalClientApplication>Lost</externalClientApplication></ExtlClntAppGlobalOauthSettings>"
    ),
    "userProvisioningConfigs/UPC.userProvisioningConfig-meta.xml": (
        f"<UserProvisioningConfig {_NAMESPACE}><connectedApp>billing</connectedApp><enabled>true</enabled>"
        "</UserProvisioningConfig>"
    ),
}


def test_every_app_comes_once_with_its_file_and_references(tmp_path: Path) -> None:
    for name, content in _FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(_HEAD + content, encoding="utf-8")
    with Project(tmp_path) as project:
        billing, portal = incoming(project)
        assert [(error.kind, error.path.split("/")[1].split(".")[0]) for error in project.errors] == [
            (XML_BROKEN, "Broken"),
            (HEADER_MISSING, "Lost_glbloauth"),
        ]
    assert isinstance(billing.app, ConnectedApp)
    assert (billing.app.full_name, billing.path) == ("Billing", "connectedApps/Billing.connectedApp-meta.xml")
    assert [(one.kind, one.app) for one in billing.references] == [("UserProvisioningConfig", "billing")]
    assert isinstance(portal.app, ExternalClientApp)
    assert (portal.app.consumer_key, portal.path) == ("key", "externalClientApps/Portal.eca-meta.xml")
