"""`changeover org env`: what each client has to be told so that it reaches an org that is served."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

import click

from changeover import errors
from changeover.cli.exit_codes import DONE
from changeover.cli.output import emit, say
from changeover.cli.places import House, with_house
from changeover.errors import ChangeoverError
from changeover.org.installation import find_org
from changeover.org.model.orgs import Org
from changeover.serving.clients import NAMES, Needs, Reach, needs
from changeover.serving.whereabouts import whereabouts_in


@click.command("env")
@click.argument("name")
@click.option("--client", type=click.Choice(NAMES), help="Of this client only.")
@with_house()
def command(house: House, name: str, client: str | None, *, as_json: bool) -> int:
    """Print what clients need to reach the org NAME (or its id or My Domain) as it is served now.

    The lines are for a shell: `eval "$(changeover org env Acme --client simple-salesforce)"`. They hold no
    secret.
    """
    org = find_org(house.units, name)
    where = whereabouts_in(house.folder)
    if where is None:
        raise ChangeoverError(errors.NOT_SERVED, f"No server of the org {org.name} runs on this machine.")
    reach = Reach(where, org.my_domain)
    found = needs(reach, client)
    if as_json:
        clients = [{**each._asdict(), "missing": each.missing or None} for each in found]
        emit({"org": org.name, "login_url": reach.login_url, "clients": clients})
    else:
        for line in _shell(org, reach, found):
            say(line)
    return DONE


def _shell(org: Org, reach: Reach, found: tuple[Needs, ...]) -> Iterator[str]:
    yield f"# The org {org.name}. What stands behind # is to be read, the rest may be pasted."
    yield f"export LOGIN_URL={quote(reach.login_url)}"
    yield f"export MY_DOMAIN={quote(reach.my_domain)}"
    for each in found:
        yield ""
        yield f"# {each.client}"
        if each.missing:
            yield f"# {each.missing}"
        for variable, value in each.environment.items():
            yield f"export {variable}={quote(value)}"
        for line in each.example:
            yield f"#   {line}"
