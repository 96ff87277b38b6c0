"""Push settings of connected apps: not in metadata, only a local org knows them."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Annotated, TypeAlias

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from changeover import errors
from changeover.errors import ChangeoverError
from changeover.org import push as acts
from changeover.org.model.beside_apps import Credential
from changeover.org.values import refuse
from changeover.shapes.push import PushSettings
from changeover.web.api.call import IfMatch, ThisCall, seen
from changeover.web.api.connected_apps import PATH
from changeover.web.api.refusals import refusals

TAG = ["Push settings"]
_SERVICE = PATH + "/push-settings/{service:str}"

FullContent = Annotated[bool, Meta(description="Whether notifications hold the full content.")]
Environment = Annotated[str, Meta(description="`Sandbox` or `Production`.")]


class AppleP12(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="credential",
    tag=Credential.APPLE_P12.value,
):
    """An Apple push certificate with its key."""

    p12: Annotated[
        str, Meta(description="The file in base64.", pattern="^[A-Za-z0-9+/]+={0,2}$", max_length=200_000)
    ]
    password: str
    environment: Environment
    application_bundle: str = ""
    full_content: FullContent = False

    def given(self) -> acts.Given:
        """Return what the act takes."""
        return acts.AppleP12(
            p12=_decoded(self.p12),
            password=self.password,
            environment=self.environment,
            application_bundle=self.application_bundle,
            full_content=self.full_content,
        )


class AppleP8(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="credential",
    tag=Credential.APPLE_P8.value,
):
    """An Apple signing key with its ids."""

    signing_key: Annotated[str, Meta(description="The file as Apple gives it: PEM.")]
    key_identifier: str
    team_identifier: str
    environment: Environment
    application_bundle: str
    full_content: FullContent = False

    def given(self) -> acts.Given:
        """Return what the act takes."""
        return acts.AppleP8(
            signing_key=self.signing_key,
            key_identifier=self.key_identifier,
            team_identifier=self.team_identifier,
            environment=self.environment,
            application_bundle=self.application_bundle,
            full_content=self.full_content,
        )


class AndroidServerKey(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="credential",
    tag=Credential.ANDROID_SERVER_KEY.value,
):
    """The legacy server key, with which a migration fails."""

    server_key: str
    fcm_project: str = ""
    full_content: FullContent = False

    def given(self) -> acts.Given:
        """Return what the act takes."""
        return acts.AndroidServerKey(
            server_key=self.server_key, fcm_project=self.fcm_project, full_content=self.full_content
        )


class AndroidServiceAccount(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="credential",
    tag=Credential.ANDROID_SERVICE_ACCOUNT.value,
):
    """A Google service account."""

    service_account: Annotated[str, Meta(description="The JSON file as Google gives it.")]
    fcm_project: Annotated[str, Meta(description="By default the project of the service account.")] = ""
    full_content: FullContent = False

    def given(self) -> acts.Given:
        """Return what the act takes."""
        return acts.AndroidServiceAccount(
            service_account=self.service_account,
            fcm_project=self.fcm_project,
            full_content=self.full_content,
        )


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error:
        message = "The P12 file is not written in base64."
        raise ChangeoverError(errors.PUSH_CREDENTIAL_UNREADABLE, message) from None


Given: TypeAlias = AppleP12 | AppleP8 | AndroidServerKey | AndroidServiceAccount


@get(PATH + "/push-settings", sync_to_thread=True, tags=TAG, responses=refusals(errors.APP_NOT_FOUND))
def list_push_settings(call: ThisCall, name: FromPath[str]) -> list[PushSettings]:
    """List the push settings of a connected app, one a service, without credentials."""
    with call.read() as unit:
        return [PushSettings.of(each) for each in acts.view_push(unit, call.actor, name)]


@put(
    _SERVICE,
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(
        errors.APP_NOT_FOUND,
        errors.APP_READ_ONLY,
        errors.PUSH_CREDENTIAL_UNREADABLE,
        errors.VALUE_REFUSED,
        body=True,
        version=True,
    ),
)
def set_push_settings(
    call: ThisCall,
    name: FromPath[str],
    service: FromPath[str],
    data: JSONBody[Given],
    if_match: IfMatch = None,
) -> PushSettings:
    """Store push settings of a service (`Apple` or `Android`) in place of those that were there.

    If-Match names the version of the connected app.
    """
    version = seen(if_match)
    with call.unit() as unit:
        settings = acts.set_push(unit, call.actor, name, data.given(), seen_version=version)
        if settings.service != service:
            raise refuse("credential", f"this is for {settings.service}, and the address says otherwise.")
        return PushSettings.of(settings)


@delete(
    _SERVICE,
    sync_to_thread=True,
    tags=TAG,
    responses=refusals(errors.APP_NOT_FOUND, errors.APP_READ_ONLY, errors.RECORD_NOT_FOUND, version=True),
)
def remove_push_settings(
    call: ThisCall, name: FromPath[str], service: FromPath[str], if_match: IfMatch = None
) -> None:
    """Remove the push settings of a service. If-Match names the version of the connected app."""
    version = seen(if_match)
    with call.unit() as unit:
        acts.remove_push(unit, call.actor, name, service, seen_version=version)


OPERATIONS = (list_push_settings, set_push_settings, remove_push_settings)
