"""Where the command line finds an installation, an org in it, and as whom it acts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import click
from click.core import ParameterSource

from changeover import errors
from changeover.cli.exit_codes import ERROR
from changeover.cli.output import emit_error
from changeover.errors import ChangeoverError
from changeover.oauth.limits import Limits
from changeover.org.app_manager import list_apps
from changeover.org.custody import Backup, KeyUse, Restored, Rotation
from changeover.org.doctor import Check
from changeover.org.installation import command_line_actor, find_org, list_orgs
from changeover.org.lists import AppQuery, AppRow
from changeover.org.model.orgs import Actor, Org
from changeover.org.ports import Clock, Units
from changeover.rehearse.copy import Copy

if TYPE_CHECKING:
    from changeover.serving.authority import Authority
    from changeover.serving.processes import Applications

Command = Callable[..., int]

DATABASE = "changeover.db"
KEY = "changeover.key"
_PAGE = 500


class House(Protocol):
    """An installation as `wiring` opens it."""

    @property
    def units(self) -> Units:
        """Where transactions come from."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def folder(self) -> Path:
        """Where its files are that are no rows: the key, and what stands beside it."""

    @property
    def needs_worker(self) -> bool:
        """Whether batches wait for `changeover worker`: whoever serves does not run them."""

    def examine(self) -> Iterator[Check]:
        """Look at the database and every org, and say what is and what is not in order."""

    def work(self, *, concurrency: int) -> None:
        """Run batches until this process is asked to end."""

    def key_status(self) -> tuple[KeyUse, ...]:
        """Return every key that is here or needed, the current one first."""

    def rotate_key(self) -> Rotation:
        """Seal everything with a new key, or go on with that."""

    def retire_keys(self) -> tuple[str, ...]:
        """Drop old keys with which nothing is sealed any more, and return their ids."""

    def close(self) -> None:
        """Close all connections."""


class Wiring(Protocol):
    """What the command line gets of `wiring`; `main` puts it into the context's `obj`."""

    def open_house(self, database: str | Path, *, key_file: Path | None = None) -> House:
        """Open an installation."""

    def back_up(
        self, database: str | Path, file: Path, *, key_file: Path | None = None, overwrite: bool = False
    ) -> Backup:
        """Write all that an installation holds into a file."""

    def check_backup(
        self, database: str | Path, file: Path, *, key_file: Path | None = None, without_key: bool = False
    ) -> Backup:
        """Make sure that a backup is whole, and that its keys are here."""

    def restore_backup(
        self, database: str | Path, file: Path, *, key_file: Path | None = None, without_key: bool = False
    ) -> Restored:
        """Make an installation from a backup."""

    def rehearsal_copy(self, start: datetime | None = None) -> AbstractContextManager[Copy]:
        """Make an empty installation for a rehearsal, served for the length of a `with` block."""

    def applications(
        self, house: House, *, hosts: frozenset[str], base_url: str, limits: Limits
    ) -> Applications:
        """Return what makes the pages and the REST API over an installation."""

    def served(
        self, house: House, *, hosts: frozenset[str], base_url: str, limits: Limits
    ) -> Callable[[], Applications]:
        """Return what makes the same in a process of its own: it can be sent there."""

    def authority(self, house: House) -> Authority:
        """Return the installation's own certificate authority."""

    def write_private(self, path: Path, content: bytes, *, overwrite: bool) -> None:
        """Write a file whole or not at all, readable by its owner only."""


class Inside(NamedTuple):
    """An org, and who acts in it."""

    units: Units
    org: Org
    actor: Actor


def wiring() -> Wiring:
    """Return the composition root, loaded when it is needed: the store takes its time."""
    return cast("Wiring", click.get_current_context().find_root().obj())


def default_data() -> str:
    """Return the folder of data where none is named: under the XDG base directory of the user."""
    base = os.environ.get("XDG_DATA_HOME")
    return str((Path(base) if base else Path.home() / ".local" / "share") / "changeover")


def located(data: Path, database: str | None) -> tuple[str | Path, Path | None]:
    """Return path or URL of a database, and where its key is; None for beside it.

    Args:
        data: folder of the installation.
        database: URL or path of another database than the one in the folder.
    """
    if database is not None and "://" in database:
        return database, data / KEY
    return Path(database or data / DATABASE), None


@contextmanager
def opened(data: Path, database: str | None, *, create: bool) -> Iterator[House]:
    """Open an installation for the length of a `with` block.

    Args:
        data: its folder.
        database: URL or path of another database than the one in the folder.
        create: whether to make what is not there.

    Raises:
        ChangeoverError: E-STORE-UNREADABLE where there is none and none is to be made; as `open_house`.
    """
    place, key_file = located(data, database)
    if isinstance(place, Path) and not create and not place.exists():
        message = f"There is no installation in {place.parent}."
        remedy = "Create an org with `changeover org create`, or name another folder with --data."
        raise ChangeoverError(errors.STORE_UNREADABLE, message, remedy)
    if key_file is not None:
        _make(data)
    house = wiring().open_house(place, key_file=key_file)
    try:
        yield house
    finally:
        house.close()


def _make(data: Path) -> None:
    """Make the folder of an installation, where it is not there. Raises E-STORE-UNREADABLE."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The folder {data} cannot be made: {error.strerror}."
        raise ChangeoverError(errors.STORE_UNREADABLE, message) from None


def with_house(*, create: bool = False) -> Callable[[Command], Command]:
    """Give a command the argument `house`, `as_json`, and the options --data, --database and --json.

    Args:
        create: whether the command makes an installation where there is none.
    """

    def declare(command: Command) -> Command:
        @_placed
        @wraps(command)
        def run(*, data: Path, database: str | None, **given: Any) -> int:  # noqa: ANN401 - its own
            with opened(data, database, create=create) as house:
                return command(house=house, **given)

        return run

    return declare


def with_place(command: Command) -> Command:
    """Give a command on a database that it opens itself the arguments `place`, `key_file` and `as_json`.

    `place` is a path or URL, `key_file` None for beside it; the options are those of `with_house`.
    """

    @_placed
    @wraps(command)
    def run(*, data: Path, database: str | None, **given: Any) -> int:  # noqa: ANN401 - its own
        place, key_file = located(data, database)
        return command(place=place, key_file=key_file, **given)

    return run


def _placed(command: Command) -> Command:
    """Give a command the options --data, --database and --json; with the last an error is JSON too."""

    @place_options
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @wraps(command)
    def run(*, as_json: bool, **given: Any) -> int:  # noqa: ANN401 - its own
        try:
            return command(as_json=as_json, **given)
        except ChangeoverError as error:
            if not as_json:
                raise
            emit_error(error)
            return ERROR

    return run


def place_options(command: Command) -> Command:
    """Give a command the options --data and --database."""
    database = click.option(
        "--database",
        envvar="CHANGEOVER_DATABASE",
        metavar="URL",
        help="Another database than the one in the folder: a URL or the path of a SQLite file.",
    )
    data = click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="CHANGEOVER_DATA",
        default=default_data,
        show_default="~/.local/share/changeover",
        help="Folder of the installation: database and key.",
    )
    return data(database(command))


def place_as_given() -> str:
    """Return the options of this call that name the installation, as one types them again: ` --data var`.

    But for a password in a URL, which stays where it was typed.
    """
    context = click.get_current_context()
    typed = (
        name
        for name in ("data", "database")
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )
    return "".join(f" --{name} {quote(_without_password(str(context.params[name])))}" for name in typed)


def _without_password(place: str) -> str:
    if "://" not in place:
        return place
    return re.sub(
        r"(?<=[?&])((?:ssl)?password)=[^&]*", r"\1=***", re.sub(r"(://[^:/@]*):.*@", r"\1:***@", place)
    )


def user_option(command: Command) -> Command:
    """Give a command the option --user."""
    return click.option(
        "--user",
        envvar="CHANGEOVER_USER",
        metavar="USERNAME",
        help="As whom to act: their permissions hold. By default the org's first administrator.",
    )(command)


def in_org(command: Command) -> Command:
    """Give a command the argument `inside`, and the options --org and --user beside those of `with_house`."""

    @with_house()
    @click.option(
        "--org", envvar="CHANGEOVER_ORG", help="Name, id or My Domain of the org; the only one by default."
    )
    @user_option
    @wraps(command)
    def run(*, house: House, org: str | None, user: str | None, **given: Any) -> int:  # noqa: ANN401 - its own
        return command(inside=entered(house.units, org, user), **given)

    return run


def entered(units: Units, org: str | None, user: str | None) -> Inside:
    """Return an org and who acts in it. Raises E-RECORD-NOT-FOUND, E-USER-NOT-ACTIVE."""
    found = chosen_org(units, org)
    return Inside(units, found, command_line_actor(units, found.org_id, user))


def chosen_org(units: Units, named: str | None) -> Org:
    """Return the org that was named, or the only one there is. Raises E-RECORD-NOT-FOUND."""
    if named:
        return find_org(units, named)
    orgs = list_orgs(units)
    if len(orgs) == 1:
        return orgs[0]
    known = ", ".join(org.name for org in orgs[:10])
    if not orgs:
        message = "This installation has no org yet."
        raise ChangeoverError(errors.RECORD_NOT_FOUND, message, "Create one with `changeover org create`.")
    raise click.UsageError(f"This installation has several orgs; name one with --org: {known}.")


def every_app(inside: Inside, query: AppQuery) -> Iterator[AppRow]:
    """Yield the rows of all pages as of one moment."""
    with inside.units.read() as unit:
        page = 1
        while True:
            found = list_apps(unit, inside.actor, replace(query, page=page, page_size=_PAGE))
            yield from found.rows
            if page >= found.pages:
                return
            page += 1
