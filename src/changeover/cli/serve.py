"""`changeover serve`: the Setup pages, the REST API and the orgs' OAuth endpoints on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click

from changeover.cli.exit_codes import DONE
from changeover.cli.key import complain_of_missing_keys
from changeover.cli.limits import limit_options
from changeover.cli.output import emit, say
from changeover.cli.places import Command, House, place_as_given, wiring, with_house
from changeover.errors import ChangeoverError
from changeover.oauth.limits import Limits
from changeover.org.installation import list_orgs
from changeover.sample import Sample, fill
from changeover.sample.fill import ORG_NAME, is_there, is_whole
from changeover.serving import proxy
from changeover.serving.certificates import Certificate, Files, GivenCertificate, OwnCertificate, TlsContext
from changeover.serving.listening import (
    LOOPBACK_NAMES,
    Address,
    bracketed,
    from_here,
    listen,
    port_of,
    reached_at,
)
from changeover.serving.processes import Opened, serve_here, serve_with_workers
from changeover.serving.whereabouts import FILE, Whereabouts, encode, whereabouts_in

FIRST_CLICKS = (
    ("An app that may migrate: App Manager > Customer Portal", "/setup/app-manager/Customer_Portal"),
    ("One that may not, and why: App Manager > Order Canvas", "/setup/app-manager/Order_Canvas"),
    ("Your own apps, looked at before anything is changed: Import", "/setup/import"),
)
_PORT = click.IntRange(0, 65535)
_FILE = click.Path(path_type=Path, dir_okay=False)


class Reached(NamedTuple):
    """How clients are to reach the server, as it was given."""

    host: str
    port: int
    names: tuple[str, ...]
    base_url: str | None
    https: bool
    https_port: int | None
    certificate: Path | None
    certificate_key: Path | None
    client_proxy: int | None
    trusted_proxies: tuple[str, ...]


def _reached(command: Command) -> Command:
    """Give a command the options on how it is reached, as one argument `reached`."""

    @wraps(command)
    def run(**given: Any) -> int:  # noqa: ANN401 - click's
        reached = Reached(**{name: given.pop(name) for name in Reached._fields})
        return command(reached=_checked(reached), **given)

    declared: Command = run
    for option in reversed(_OPTIONS):
        declared = option(declared)
    return declared


_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option(
        "--port",
        type=_PORT,
        default=8000,
        show_default=True,
        help="Port to listen on; 0 for any that is free.",
    ),
    click.option(
        "--https-port",
        type=_PORT,
        help="Speak https on this port as well, with a certificate authority of our own; 0 for any.",
    ),
    click.option(
        "--certificate",
        type=_FILE,
        help="Certificate for --https-port in PEM, with what leads to its issuer, in place of our own.",
    ),
    click.option("--certificate-key", type=_FILE, help="Its key in PEM, without a password."),
    click.option(
        "--client-proxy",
        type=_PORT,
        metavar="PORT",
        help="On 127.0.0.1, be a proxy that joins *.salesforce.com to the orgs here and refuses all else;"
        " brings https along. 0 for any port.",
    ),
    click.option(
        "--base-url",
        metavar="URL",
        help="Under which clients reach this server, as behind a proxy; by default what each request says.",
    ),
    click.option(
        "--allow-host",
        "names",
        multiple=True,
        metavar="NAME",
        help="A further name under which browsers may reach this server; may be repeated.",
    ),
    click.option(
        "--https",
        is_flag=True,
        help="Browsers come over https, through a proxy: cookies are sent over https only.",
    ),
    click.option(
        "--trust-proxy",
        "trusted_proxies",
        multiple=True,
        metavar="ADDRESS",
        help="Address or network of a proxy in front of --port whose X-Forwarded-For counts; may be repeated."
        " Otherwise all its clients have its address.",
    ),
)


def _checked(reached: Reached) -> Reached:
    if (reached.certificate is None) != (reached.certificate_key is None):
        raise click.UsageError("--certificate and --certificate-key go together")
    if reached.certificate is not None and reached.https_port is None:
        raise click.UsageError("--certificate is for --https-port: say on which port to speak https")
    if not all(name.isascii() for name in (reached.host, *reached.names)):
        raise click.UsageError("write a host name as it stands in a request: ASCII, xn-- for other letters")
    for proxy_address in reached.trusted_proxies:
        try:
            ip_network(proxy_address)
        except ValueError:
            raise click.UsageError("--trust-proxy is an IP address or a network such as 10.0.0.0/8") from None
    if reached.base_url is not None:
        reached = reached._replace(base_url=reached.base_url.rstrip("/"))
        if not _is_base(reached.base_url or ""):
            raise click.UsageError("--base-url is an address such as https://changeover.example")
    return reached


def _is_base(url: str) -> bool:
    """Whether the URLs of answers can be built on an address."""
    try:
        parts = urlsplit(url)
        # Read, and so refused where it is none.
        port = parts.port
    except ValueError:
        return False
    plain = port != 0 and not parts.query and not parts.fragment and "@" not in parts.netloc
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname)


@click.command("serve")
@_reached
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that serve, on one address.",
)
@limit_options
@click.option("--sample", is_flag=True, help="Make the sample org, if it is not there yet.")
@with_house(create=True)
def command(
    house: House, reached: Reached, workers: int, limits: Limits, *, sample: bool, as_json: bool
) -> int:
    """Serve the Setup pages and the REST API until stopped with Ctrl-C.

    With --sample an org is there to try things in: about two dozen apps, each verdict among them, and users
    whose passwords are made by chance and shown once.

    With --https-port it speaks https too. The certificate authority is made on first use and kept beside the
    key; clients are told to trust its file (`changeover org env` says how), and nobody has to install it.

    With --workers a process that dies is replaced, and none of them holds anything that the others need. On
    SQLite a server also runs the batches; on PostgreSQL `changeover worker` does.
    """
    complain_of_missing_keys(house)
    made = fill(house.units) if sample and not is_there(house.units) else None
    opened = _open(house, reached)
    where = _whereabouts(reached, opened)
    hosts = frozenset((*LOOPBACK_NAMES, bracketed(reached.host), *reached.names, *_base_host(reached)))
    base_url = reached.base_url or ""
    with _written_down(house, where):
        if as_json:
            emit({**_shown(where), "users": _users(made)})
        else:
            _tell(house, where, made, sample=sample)
        if workers == 1:
            make = wiring().applications(house, hosts=hosts, base_url=base_url, limits=limits)
            serve_here(make, opened)
        else:
            # What is sent to the workers opens the installation there: this process only looks after them.
            served = wiring().served(house, hosts=hosts, base_url=base_url, limits=limits)
            house.close()
            serve_with_workers(served, opened, workers)
    return DONE


def _open(house: House, reached: Reached) -> Opened:
    """Open every socket. What cannot be served is refused here, before anything is told."""
    plain = listen(reached.host, reached.port)
    if reached.https_port is None and reached.client_proxy is None:
        return Opened(plain=plain, behind_https=reached.https, trusted_proxies=reached.trusted_proxies)
    certificate = _certificate(house, reached)
    TlsContext(certificate)
    # For the proxy alone, https need not be reached by anything else.
    tls = listen(reached.host, reached.https_port or 0)
    joined = None
    if reached.client_proxy is not None:
        http, tls_at = reached_at(plain), reached_at(tls)
        leads = proxy.Joined(http, tls_at, _also(reached, http, tls_at))
        joined = proxy.ClientProxy(listen(proxy.HOST, reached.client_proxy), leads)
    return Opened(
        plain=plain,
        behind_https=reached.https,
        trusted_proxies=reached.trusted_proxies,
        tls=tls,
        certificate=certificate,
        proxy=joined,
    )


def _certificate(house: House, reached: Reached) -> Certificate:
    if reached.certificate is not None and reached.certificate_key is not None:
        return GivenCertificate(Files(reached.certificate.absolute(), reached.certificate_key.absolute()))
    orgs = (f"{org.my_domain}.localhost" for org in list_orgs(house.units))
    names = (reached.host, *reached.names, *_base_host(reached), *orgs)
    return OwnCertificate(
        wiring().authority(house), tuple(from_here(name) for name in names), house.clock.now
    )


def _also(reached: Reached, http: Address, https: Address) -> dict[Address, Address]:
    """Return the addresses under which clients are told to come, beside loopback, and where each leads."""
    hosts = (from_here(name).strip("[]").lower() for name in (reached.host, *reached.names))
    found = {Address(host, own.port): own for host in hosts for own in (http, https)}
    base = urlsplit(reached.base_url or "")
    # What takes a path off on the way to us is not passed by who comes through the client proxy.
    if base.hostname and not base.path:
        secure = base.scheme == "https"
        port = base.port or (proxy.HTTPS if secure else proxy.HTTP)
        found[Address(base.hostname, port)] = https if secure else http
    return found


def _base_host(reached: Reached) -> tuple[str, ...]:
    found = urlsplit(reached.base_url or "").hostname
    return (bracketed(found),) if found else ()


def _whereabouts(reached: Reached, opened: Opened) -> Whereabouts:
    def at(scheme: str, port: int) -> str:
        return f"{scheme}://{bracketed(from_here(reached.host))}:{port}"

    ca_file = opened.certificate.ca_file if opened.certificate is not None else None
    return Whereabouts(
        address=at("http", port_of(opened.plain)),
        base_url=reached.base_url,
        https_address=at("https", port_of(opened.tls)) if opened.tls is not None else None,
        client_proxy=f"http://{proxy.HOST}:{port_of(opened.proxy.listening)}" if opened.proxy else None,
        ca_file=str(ca_file) if ca_file is not None else None,
    )


@contextmanager
def _written_down(house: House, where: Whereabouts) -> Iterator[None]:
    """Leave where the server is for other commands; what a killed one leaves is known by its process."""
    # A folder that cannot be written to is no reason not to serve: the key in it is read only.
    with suppress(ChangeoverError):
        wiring().write_private(house.folder / FILE, encode(where), overwrite=True)
    try:
        yield
    finally:
        # Another server of the same installation may have left its own meanwhile.
        if whereabouts_in(house.folder) == where:
            with suppress(OSError):
                (house.folder / FILE).unlink()


def _shown(where: Whereabouts) -> dict[str, Any]:
    return {
        name: getattr(where, name)
        for name in ("address", "base_url", "https_address", "client_proxy", "ca_file")
    }


def _users(made: Sample | None) -> list[dict[str, str]]:
    found = made.users if made is not None else ()
    return [{"username": each.username, "password": each.password, "may": each.may} for each in found]


def _tell_where(where: Whereabouts) -> None:
    say(f"Changeover is at {where.address}/ (stop it with Ctrl-C).")
    if where.base_url is not None:
        say(f"Clients reach it under {where.base_url}/.")
    if where.https_address is not None:
        say(f"Over https: {where.https_address}/")
    if where.ca_file is not None:
        say(f"  Clients trust it with {where.ca_file}.")
    if where.client_proxy is not None:
        say(f"Client proxy: {where.client_proxy}")


def _tell(house: House, where: Whereabouts, made: Sample | None, *, sample: bool) -> None:
    _tell_where(where)
    if house.needs_worker:
        say(f"Batches of the browser and of REST wait for: changeover worker{place_as_given()}")
    if made is not None:
        say(f"\nUsers of the org {made.org.name}, with passwords that are shown this once:")
        for user in made.users:
            say(f"  {user.username}   {user.password}   {user.may}")
    elif sample and not is_whole(house.units):
        say(
            "The sample org is there in part only: making it was cut off. To begin anew, remove the folder of"
        )
        say("data or name another one with --data; on PostgreSQL, name an empty database.")
    elif sample:
        how = f"changeover user password{place_as_given()} --org '{ORG_NAME}' USERNAME"
        say(f"The sample org is there already. For a new password: {how}")
    elif not list_orgs(house.units):
        say("There is no org yet: changeover org create, or start with --sample.")
    if sample:
        say("\nThe first three clicks, once signed in:")
        for number, (what, path) in enumerate(FIRST_CLICKS, 1):
            say(f"  {number}. {what}\n     {where.address}{path}")
