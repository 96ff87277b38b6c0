"""Consumer keys and secrets: shown and rotated only after the user's password, given anew."""

from __future__ import annotations

from typing import Annotated

from litestar import post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import consumer_details as acts
from changeover.org.company import view_org
from changeover.org.sign_in import prove
from changeover.shapes.connected_apps import ConsumerDetails
from changeover.web.api import connected_apps, external_client_apps
from changeover.web.api.call import Call, IfMatch, ThisCall, seen
from changeover.web.api.parameters import PasswordCheck
from changeover.web.api.refusals import refusals

TAG = ["Credentials"]

_PROOF = (errors.PASSWORD_WRONG, errors.SIGN_IN_LOCKED)


class Rotation(PasswordCheck, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be made anew. Whoever uses the old one is locked out from that moment."""

    key: bool = False
    secret: bool = True


class Secret(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The consumer secret of a connected app whose file held none."""

    secret: Annotated[str, Meta(min_length=1, max_length=1024)]


@post(
    connected_apps.PATH + "/credentials",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(errors.APP_NOT_FOUND, *_PROOF, body=True),
)
def reveal_connected_app(
    call: ThisCall, name: FromPath[str], data: JSONBody[PasswordCheck]
) -> ConsumerDetails:
    """Show consumer key and secret of a connected app. The audit trail notes who looked."""
    proof = prove(call.units, call.actor, data.password)
    with call.unit() as unit:
        return _details(acts.reveal_connected_app(unit, call.actor, name, proof))


@post(
    connected_apps.PATH + "/credentials/rotation",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(
        errors.APP_NOT_FOUND, errors.APP_READ_ONLY, errors.VALUE_REFUSED, *_PROOF, body=True, version=True
    ),
)
def rotate_connected_app(
    call: ThisCall, name: FromPath[str], data: JSONBody[Rotation], if_match: IfMatch = None
) -> ConsumerDetails:
    """Make a new key or secret for a connected app, and show it."""
    version = seen(if_match)
    proof = prove(call.units, call.actor, data.password)
    with call.unit() as unit:
        return _details(
            acts.rotate_connected_app(
                unit, call.actor, name, proof, key=data.key, secret=data.secret, seen_version=version
            )
        )


@put(
    connected_apps.PATH + "/credentials/secret",
    sync_to_thread=True,
    status_code=204,
    tags=TAG,
    responses=refusals(
        errors.APP_NOT_FOUND, errors.APP_READ_ONLY, errors.VALUE_REFUSED, body=True, version=True
    ),
)
def set_secret(call: ThisCall, name: FromPath[str], data: JSONBody[Secret], if_match: IfMatch = None) -> None:
    """Set the consumer secret that a connected app has in Salesforce: metadata files never hold it."""
    version = seen(if_match)
    with call.unit() as unit:
        acts.set_secret(unit, call.actor, name, data.secret, seen_version=version)


@post(
    external_client_apps.PATH + "/credentials",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(
        errors.EXTERNAL_CLIENT_APP_NOT_FOUND, errors.SECRETS_OVER_REST_OFF, *_PROOF, body=True
    ),
)
def reveal_external_client_app(
    call: ThisCall, name: FromPath[str], data: JSONBody[PasswordCheck]
) -> ConsumerDetails:
    """Show consumer key and secret of an external client app. The audit trail notes who looked."""
    _refuse_closed(call)
    proof = prove(call.units, call.actor, data.password)
    with call.unit() as unit:
        return _details(acts.reveal_external_client_app(unit, call.actor, name, proof))


@post(
    external_client_apps.PATH + "/credentials/rotation",
    sync_to_thread=True,
    status_code=200,
    tags=TAG,
    responses=refusals(
        errors.EXTERNAL_CLIENT_APP_NOT_FOUND,
        errors.SECRETS_OVER_REST_OFF,
        errors.VALUE_REFUSED,
        *_PROOF,
        body=True,
        version=True,
    ),
)
def rotate_external_client_app(
    call: ThisCall, name: FromPath[str], data: JSONBody[Rotation], if_match: IfMatch = None
) -> ConsumerDetails:
    """Make a new key or secret for an external client app, and show it. A revert does not bring it along."""
    version = seen(if_match)
    _refuse_closed(call)
    proof = prove(call.units, call.actor, data.password)
    with call.unit() as unit:
        return _details(
            acts.rotate_external_client_app(
                unit, call.actor, name, proof, key=data.key, secret=data.secret, seen_version=version
            )
        )


def _refuse_closed(call: Call) -> None:
    """Refuse where the org keeps these secrets from REST, as it does by default. E-SECRETS-OVER-REST."""
    with call.read() as unit:
        org = view_org(unit, call.actor)
    if not org.secrets_over_rest:
        message = f"{org.name} does not let the secrets of external client apps be read over REST."
        raise ChangeoverError(errors.SECRETS_OVER_REST_OFF, message)


def _details(found: acts.ConsumerDetails) -> ConsumerDetails:
    return ConsumerDetails(consumer_key=found.consumer_key, consumer_secret=found.consumer_secret)


OPERATIONS = (
    reveal_connected_app,
    rotate_connected_app,
    set_secret,
    reveal_external_client_app,
    rotate_external_client_app,
)
