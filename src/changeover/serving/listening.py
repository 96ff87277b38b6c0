"""Sockets that listen, and what their addresses are called."""

from __future__ import annotations

import socket
from typing import NamedTuple

from changeover import errors
from changeover.errors import ChangeoverError

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
BACKLOG = 1024
"""Connections that wait: clients of Salesforce's own open hundreds at once (clients.md section 1)."""
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart, not listened on


class Address(NamedTuple):
    """Where a socket of this machine can be reached."""

    host: str
    port: int


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections: the address is told when it is true.

    Args:
        host: name or address.
        port: port; 0 for any that is free.

    Raises:
        ChangeoverError: E-ADDRESS-TAKEN.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        message = f"Nothing can listen on {bracketed(host)}:{port}: {error.strerror or error}."
        raise ChangeoverError(errors.ADDRESS_TAKEN, message) from None


def port_of(listening: socket.socket) -> int:
    """Return the port on which a socket listens."""
    port: int = listening.getsockname()[1]
    return port


def reached_at(listening: socket.socket) -> Address:
    """Return where this machine reaches a socket: one that listens on every address, on loopback."""
    host, port = listening.getsockname()[:2]
    return Address(from_here(host), port)


def from_here(host: str) -> str:
    """Return a host that can be reached from this machine: loopback for one that means every address."""
    return _ANY.get(host, host)


def bracketed(host: str) -> str:
    """Return a host as it stands in a URL: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host
