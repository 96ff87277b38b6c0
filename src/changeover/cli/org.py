"""`changeover org`: create orgs, list them, change their settings, say how clients reach them."""

from __future__ import annotations

import click

from changeover.cli import org_env
from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say, table
from changeover.cli.places import Command, House, Inside, in_org, with_house
from changeover.org import installation
from changeover.org.company import edit_org
from changeover.org.model.orgs import Edition
from changeover.shapes.orgs import Org

SWITCHES = {
    "enterprise_admitted": "Whether Enterprise counts among the editions that may migrate.",
    "connected_app_creation_allowed": "The exception that Salesforce Support grants since Spring '26.",
    "external_client_apps_enabled": "The opt-in to external client apps.",
    "username_password_blocked": "Whether the username-password flow is blocked org-wide.",
    "user_agent_blocked": "Whether the user-agent flow is blocked org-wide.",
    "code_credentials_allowed": "Whether the authorization code and credentials flow is allowed org-wide.",
    "soap_login_blocked": "Whether login() of the SOAP API is refused org-wide.",
    "pkce_required": "Whether PKCE is required org-wide.",
    "secrets_over_rest": "Whether external client app secrets may be read over REST.",
}
_EDITION = click.Choice([each.value for each in Edition], case_sensitive=False)


@click.group("org")
def command() -> None:
    """Create orgs, list them, change their settings."""


command.add_command(org_env.command)


@command.command("create")
@click.argument("name")
@click.option("--edition", type=_EDITION, required=True, help="Decides whether its apps may be migrated.")
@click.option("--my-domain", help="acme, of acme.my.salesforce.com; made from the name by default.")
@click.option("--username", required=True, help="Of the first administrator; unique over all orgs.")
@click.option("--email", help="Of the first administrator; the username by default.")
@click.option("--id", "org_id", help="Id of the org at Salesforce that this one stands for.")
@with_house(create=True)
def create(
    house: House,
    name: str,
    edition: str,
    my_domain: str | None,
    username: str,
    email: str | None,
    org_id: str | None,
    *,
    as_json: bool,
) -> int:
    """Create an org with its first administrator, whose password is made by chance and shown once."""
    made = installation.create_org(
        house.units,
        name,
        Edition(edition),
        my_domain=my_domain or _as_domain(name),
        username=username,
        email=email or username,
        org_id=org_id,
    )
    if as_json:
        emit({"org": Org.of(made.org), "username": made.username, "password": made.password})
    else:
        say(f"Created the org {made.org.name} ({made.org.edition} Edition), {made.org.org_id}.")
        say(f"Administrator: {made.username}")
        say(f"Password, shown this once: {made.password}")
    return DONE


def _as_domain(name: str) -> str:
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in name.lower()).split()
    return "-".join(words)


@command.command("list")
@with_house()
def list_(house: House, *, as_json: bool) -> int:
    """List the orgs of the installation."""
    orgs = installation.list_orgs(house.units)
    if as_json:
        emit({"orgs": [Org.of(each) for each in orgs]})
    else:
        table(
            ("Name", "Edition", "My Domain", "Id"),
            ((each.name, each.edition, each.my_domain, each.org_id) for each in orgs),
        )
    return DONE


def _switches(function: Command) -> Command:
    for name, what in reversed(SWITCHES.items()):
        option = name.replace("_", "-")
        function = click.option(f"--{option}/--no-{option}", name, default=None, help=what)(function)
    return function


@command.command("set")
@click.option("--name", help="Another name.")
@click.option("--edition", type=_EDITION, help="Another edition.")
@click.option("--my-domain", help="Another My Domain.")
@_switches
@in_org
def set_(inside: Inside, *, as_json: bool, **given: str | bool | None) -> int:
    """Change Company Information and the switches of an org, and show what it is then."""
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError("say what to change, such as --edition or --enterprise-admitted")
    with inside.units.unit() as unit:
        org = edit_org(unit, inside.actor, changes, seen_version=None)
    shown = Org.of(org)
    if as_json:
        emit({"org": shown})
    else:
        table(("Setting", "Value"), ((name, getattr(shown, name)) for name in shown.__struct_fields__))
    return DONE
