"""The command `changeover`: a group whose commands are loaded only when they are called.

A new command is a module with a click command named `command`, and one line in `COMMANDS`. A command returns
its exit code (see `exit_codes`); a `ChangeoverError` that it raises is printed and ends it with 1.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

import click

from changeover import __version__
from changeover.cli.exit_codes import DONE, ERROR, INTERRUPTED, WRONG_USE
from changeover.cli.terminal import complain
from changeover.errors import ANSWER_LOST, ChangeoverError

COMMANDS: dict[str, tuple[str, str]] = {
    "access": ("changeover.cli.access", "Which apps a profile or a permission set gives access to."),
    "apply": ("changeover.cli.apply", "Make what a plan says, in an org or as files."),
    "apps": ("changeover.cli.apps", "List the connected apps of an org with state and verdict."),
    "assess": ("changeover.cli.assess", "Say which connected apps may be migrated, and why others may not."),
    "audit": ("changeover.cli.audit", "List who changed what in an org, when and through which door."),
    "backup": ("changeover.cli.backup", "Write all that an installation holds into one file."),
    "batches": ("changeover.cli.batches", "List batches, show what became of each app, stop one."),
    "convert": ("changeover.cli.convert", "Write the external client apps that connected apps would become."),
    "doctor": ("changeover.cli.doctor", "Say what is not in order with an installation."),
    "export": ("changeover.cli.export", "Write all apps of an org as Salesforce's files."),
    "guide": ("changeover.cli.guide", "Write the runbook of the clicks in Setup from a plan."),
    "import": ("changeover.cli.import_", "Import apps and Login History from files into an org."),
    "key": ("changeover.cli.key", "The key that seals secrets: its use, rotation, old keys."),
    "logins": ("changeover.cli.logins", "Login History of an org: list it, write it as Setup's file."),
    "manifest": ("changeover.cli.manifest", "Print the commands that bring apps and evidence from an org."),
    "migrate": ("changeover.cli.migrate", "Create external client apps from connected apps of an org."),
    "org": ("changeover.cli.org", "Create orgs, list them, change their settings."),
    "permission-set": ("changeover.cli.permission_set", "Permission sets of an org and their permissions."),
    "plan": ("changeover.cli.plan", "Write down what a migration will make of each app, and look at it."),
    "profile": ("changeover.cli.profile", "Profiles of an org and their permissions."),
    "rehearse": (
        "changeover.cli.rehearse",
        "Log in before a migration, after it and after the revert, on a copy.",
    ),
    "report": ("changeover.cli.report", "Write a report on connected apps: HTML, CSV, JSON or SARIF."),
    "restore": ("changeover.cli.restore", "Make an installation from a backup."),
    "revert": (
        "changeover.cli.revert_plan",
        "Delete an external client app: its connected app is active again.",
    ),
    "schema": ("changeover.cli.schema", "Print the JSON schema of what a command prints with --json."),
    "secret": ("changeover.cli.secret", "The consumer secrets of imported connected apps."),
    "serve": ("changeover.cli.serve", "Serve the Setup pages and the REST API."),
    "usage": ("changeover.cli.usage", "Which app holds OAuth tokens of whom; revoke them, block apps."),
    "user": ("changeover.cli.user", "Users of an org, their passwords and API tokens."),
    "verify": ("changeover.cli.verify", "Compare external client apps with what they should have become."),
    "worker": ("changeover.cli.worker", "Run batches that were started in the browser or over REST."),
}
"""By name: the module, and what the command does in one line."""


_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class Cli(click.Group):
    """A group that imports a command's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = import_module(COMMANDS[cmd_name][0]).command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002  # click's own signature
        **extra: Any,  # noqa: ANN401  # click's own signature
    ) -> Any:  # noqa: ANN401  # click's own signature
        """Run a command and exit with its code; an error for the reader goes to standard error."""
        code = _guarded(partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra))
        if standalone_mode:
            sys.exit(code)
        return code


def _guarded(run: Callable[[], Any]) -> int:
    try:
        code = run()
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return WRONG_USE if isinstance(error, click.UsageError) else ERROR
    except click.Abort:
        complain("Stopped.")
        return INTERRUPTED
    except ChangeoverError as error:
        complain(str(error))
        return ERROR
    except OSError as error:
        if error.errno == errno.EPIPE:
            # The reader has gone (`| head`): nothing more to say, and nowhere to say it.
            _drop_output()
            return ERROR
        if error.filename is not None or error.errno not in _NO_SPACE:
            raise
        # No file of ours: standard output itself refuses, redirected to a full disk.
        _drop_output()
        failed = ChangeoverError(ANSWER_LOST, f"The answer could not be written: {error.strerror}.")
        complain(str(failed))
        return ERROR
    return code if isinstance(code, int) else DONE


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that Python's own farewell does not fail too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="changeover", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Move Salesforce connected apps to external client apps, and account for every field."""
    context.obj = _wiring


def _wiring() -> ModuleType:
    """Return the composition root, which loads the store; commands on files do without."""
    from changeover import wiring  # noqa: PLC0415 - see above

    return wiring
