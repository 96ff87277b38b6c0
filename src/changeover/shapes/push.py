"""Push settings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from msgspec import Meta, Struct

from changeover.org.model import beside_apps
from changeover.org.model.beside_apps import Credential


class PushSettings(Struct, frozen=True, kw_only=True):
    """Push settings of a connected app for one service. The credentials themselves stay sealed."""

    service: Annotated[str, Meta(description="`Apple` or `Android`.")]
    credential: Credential
    environment: Annotated[str | None, Meta(description="Apple: `Sandbox` or `Production`.")]
    application_bundle: str | None
    key_identifier: str | None
    team_identifier: str | None
    fcm_project: str | None
    certificate_expires: Annotated[date | None, Meta(description="Read from the P12 certificate.")]
    full_content: bool

    @classmethod
    def of(cls, settings: beside_apps.PushSettings) -> Self:
        """Return the shape of one service's settings."""
        return cls(**{name: getattr(settings, name) for name in cls.__struct_fields__})
