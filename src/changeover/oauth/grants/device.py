"""The device flow's end: a device asks until a user has answered.

Source: RFC 8628 sections 3.4 and 3.5; salesforce-reference 7.2: Salesforce's own clients say
`grant_type=device` and `code`, others the RFC's name and `device_code`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc8628 import DeviceCodeGrant

from changeover.oauth import tokens
from changeover.oauth.authlib_client import REFRESH
from changeover.oauth.device import INTERVAL
from changeover.oauth.grants.grant import Grant
from changeover.oauth.id_tokens import with_id_token
from changeover.oauth.issuing import authorize, issue
from changeover.oauth.refusals import (
    AUTHORIZATION_PENDING,
    DEVICE_CODE_EXPIRED,
    DEVICE_CODE_INVALID,
    SLOW_DOWN,
    USER_DENIED,
    Refused,
)
from changeover.org.model.people import User
from changeover.org.oauth_records import DeviceCode, DeviceState, Flow

JITTER = timedelta(seconds=1)
"""A poll may be on its way for a shorter time than the one before."""


class Device(Grant, DeviceCodeGrant):
    """Device codes."""

    FLOW = Flow.DEVICE
    SALESFORCES: ClassVar[str] = "device"

    @classmethod
    def check_token_endpoint(cls, request: OAuth2Request) -> bool:
        """Whether a request is for this flow, in either spelling."""
        return request.payload.grant_type in {cls.GRANT_TYPE, cls.SALESFORCES}

    def validate_token_request(self) -> None:
        """Find the device's code and what the user answered."""
        self.find_client(lambda _client: False)
        device = self._find(self.call.one("device_code") or self.call.one("code") or "")
        self._user = self._answered(device)
        self._device = device

    def _find(self, text: str) -> DeviceCode:
        device = self.unit.oauth.device_code(tokens.digest(text))
        mine = device is not None and self.is_own(device.consumer_key)
        if device is None or not mine or device.org_id != self.call.org.org_id:
            raise Refused(DEVICE_CODE_INVALID)
        if device.state is DeviceState.USED:
            raise Refused(DEVICE_CODE_INVALID)
        if self.unit.now >= device.expires_at:
            raise Refused(DEVICE_CODE_EXPIRED)
        return device

    def _answered(self, device: DeviceCode) -> User:
        if device.state is DeviceState.DENIED:
            raise Refused(USER_DENIED)
        if device.state is DeviceState.PENDING:
            early = device.polled_at is not None and self.unit.now < device.polled_at + INTERVAL - JITTER
            self.unit.oauth.save_device_code(replace(device, polled_at=self.unit.now))
            raise Refused(SLOW_DOWN if early else AUTHORIZATION_PENDING)
        user = self.unit.users.get(device.user_id) if device.user_id else None
        if user is None:
            raise Refused(DEVICE_CODE_INVALID)
        return user

    def create_token_response(self) -> tuple[int, dict[str, Any], list[Any]]:
        """Issue the tokens; the code is spent."""
        attempt = self.attempt(self._user, frozenset(self._device.scopes))
        self.unit.oauth.save_device_code(replace(self._device, state=DeviceState.USED))
        authorization, refresh = authorize(attempt, with_refresh_token=bool(REFRESH & attempt.scopes))
        answer = issue(attempt, self.registered, authorization=authorization, refresh_token=refresh)
        return self.respond(attempt, with_id_token(attempt, answer))
