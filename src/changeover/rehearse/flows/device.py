"""The device flow: a device shows a code, its user types it in a browser, the device asks again."""

from __future__ import annotations

from changeover.rehearse.flows.flow import RehearsedFlow
from changeover.rehearse.integration import Integration
from changeover.rehearse.outcome import Refused


def _device(integration: Integration) -> frozenset[str]:
    session = integration.session(with_secret=False)
    # Salesforce's own spelling of the beginning; the end is RFC 8628's (salesforce-reference 7.2).
    form = {"response_type": "device_code", "client_id": integration.app.client_id}
    answer = session.request("POST", integration.token_url, data=form, withhold_token=True)
    said = answer.json()
    if not answer.ok:
        raise Refused(said["error"], said.get("error_description", ""))
    integration.connect(integration.newcomer, said["verification_uri"], said["user_code"])
    token = session.fetch_token(
        integration.token_url,
        grant_type="urn:ietf:params:oauth:grant-type:device_code",
        device_code=said["device_code"],
    )
    gained = integration.use(session, token)
    integration.revoke(session, token)
    return gained


DEVICE = RehearsedFlow(id="device", title="Device", set_up=lambda app: app.client.device, run=_device)
