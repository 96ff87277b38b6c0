"""Consumer key and secret of external client apps as programs read them over Salesforce's credentials API.

No password stands before it, as at Salesforce: there the org's switch does, which is off by default, and the
permissions of whoever's token it is (salesforce-reference section 10). Each look is on record.
"""

from __future__ import annotations

from dataclasses import dataclass

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import audit
from changeover.org.act import act
from changeover.org.consumer_details import ConsumerDetails
from changeover.org.model.apps import ExternalClientAppRecord
from changeover.org.model.orgs import Actor
from changeover.org.own import own_external_client_app, own_org
from changeover.org.permissions import EXTERNAL_CLIENT_APP_SECRET
from changeover.org.ports import Unit


@dataclass(frozen=True, kw_only=True)
class NamedConsumer:
    """The consumer of an app: the app's label is its name."""

    name: str
    consumer_key: str | None


def refuse_closed(unit: Unit, actor: Actor) -> None:
    """Refuse where the org keeps these secrets from programs, as it does by default. E-SECRETS-OVER-REST."""
    org = own_org(unit, actor)
    if not org.secrets_over_rest:
        message = f"{org.name} does not let the secrets of external client apps be read over REST."
        raise ChangeoverError(errors.SECRETS_OVER_REST_OFF, message)


def _record(unit: Unit, actor: Actor, api_name: str) -> ExternalClientAppRecord:
    refuse_closed(unit, actor)
    return own_external_client_app(unit, actor, api_name)


@act(EXTERNAL_CLIENT_APP_SECRET, "see which consumers external client apps have")
def view_consumer(unit: Unit, actor: Actor, api_name: str) -> NamedConsumer:
    """Return the consumer of an app, without its secret.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-SECRETS-OVER-REST.
    """
    record = _record(unit, actor, api_name)
    return NamedConsumer(name=record.label, consumer_key=record.app.consumer_key)


@act(EXTERNAL_CLIENT_APP_SECRET, "see consumer key and secret of external client apps")
def read_credentials(unit: Unit, actor: Actor, api_name: str) -> ConsumerDetails:
    """Return key and secret of an external client app; each look is written to the audit trail.

    Raises:
        ChangeoverError: E-EXTERNAL-CLIENT-APP-NOT-FOUND, E-SECRETS-OVER-REST.
    """
    record = _record(unit, actor, api_name)
    details = ConsumerDetails(
        consumer_key=record.app.consumer_key, consumer_secret=unit.external.secret(record.app_id)
    )
    event = audit.Event.EXTERNAL_CLIENT_APP_SECRET_REVEALED
    text = f"Read consumer key and secret of the external client app {record.label} over the credentials API."
    audit.record(unit, actor, event, record.api_name, text)
    return details
