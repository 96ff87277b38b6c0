"""The flows that are rehearsed. A new one is an entry in a module of this package, and a line here."""

from changeover.rehearse.flows.device import DEVICE
from changeover.rehearse.flows.flow import RehearsedFlow, SetUp
from changeover.rehearse.flows.refresh_token import IDLE_REFRESH_TOKEN, REFRESH_TOKEN
from changeover.rehearse.flows.user_agent import USER_AGENT
from changeover.rehearse.flows.web_server import APPROVAL, WEB_SERVER, WEB_SERVER_PKCE
from changeover.rehearse.flows.without_a_user import CLIENT_CREDENTIALS, JWT_BEARER, USERNAME_PASSWORD

FLOWS: tuple[RehearsedFlow, ...] = (
    REFRESH_TOKEN,
    IDLE_REFRESH_TOKEN,
    APPROVAL,
    JWT_BEARER,
    CLIENT_CREDENTIALS,
    WEB_SERVER,
    WEB_SERVER_PKCE,
    USERNAME_PASSWORD,
    USER_AGENT,
    DEVICE,
)

__all__ = ["FLOWS", "RehearsedFlow", "SetUp"]
