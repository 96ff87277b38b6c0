"""Write the documents that are made from the code.

    python tools/docs.py

tests/docs fails if one of them is not what this writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from inspect import cleandoc
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from changeover.cli.main import main as command_line  # noqa: E402  # the path comes first
from changeover.errors import CATALOGUE  # noqa: E402
from changeover.migration import decisions  # noqa: E402
from changeover.migration.rules import page as eligibility  # noqa: E402
from changeover.schemas import SUFFIX  # noqa: E402
from changeover.shapes.answers import ANSWERS, schema  # noqa: E402
from tools import attacks, plan_schema, rest_docs  # noqa: E402
from tools.provoked import provoking  # noqa: E402

NO_TEST = "no test"


def errors() -> str:
    """Return docs/errors.md: every entry of the catalogue, with a test that provokes it."""
    written = _read(ROOT / "docs" / "errors.md")
    named = dict(re.findall(r"^## (E-\S+)$.*?^Provoked by `([^`]+)`", written, re.MULTILINE | re.DOTALL))
    tests = provoking(ROOT / "tests")
    lines = [
        "# Errors",
        "",
        "Made from `changeover.errors` by `python tools/docs.py`; change it there.",
        "",
        "Whatever Changeover refuses, it refuses with one of these, the same in the browser, over REST and",
        "on the command line. The code is stable; the sentence that you saw names the case. Over REST",
        "the answer is [problem details](https://www.rfc-editor.org/rfc/rfc9457) with the status given here.",
    ]
    for kind in sorted(CATALOGUE, key=lambda kind: kind.code):
        candidates = tests.get(kind.code, [])
        # The test that was named stays named as long as it is one: new tests do not change the page.
        kept = named.get(kind.code)
        test = kept if kept in candidates else next(iter(candidates), NO_TEST)
        lines += ["", f"## {kind.code}", "", f"{kind.title} (HTTP {kind.status})", "", kind.remedy, ""]
        lines += [f"Provoked by `{test}`."]
    return "\n".join(lines) + "\n"


def cli() -> str:
    """Return docs/cli.md: every command with its arguments and options, as `--help` has them."""
    lines = [
        "# Command line",
        "",
        "Made from the commands in `changeover.cli` by `python tools/docs.py`; change it there.",
    ]
    for path, command in commands(command_line, "changeover"):
        context = _context(command, path)
        usage = " ".join([path, *command.collect_usage_pieces(context)]).rstrip()
        lines += ["", f"## {path}", "", "```", usage, "```", ""]
        lines += [_text(command.help), ""]
        options = [*_options(command, context)]
        if options:
            lines += ["| Option | |", "|---|---|"]
            lines += [f"| `{_cell(names)}` | {_cell(what)} |" for names, what in options]
            lines += [""]
        lines.pop()
    return "\n".join(lines) + "\n"


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Walk a command and what is below it, in the order of `--help`."""
    yield path, command
    if isinstance(command, click.Group):
        context = _context(command, path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from commands(below, f"{path} {name}")


def _context(command: click.Command, path: str) -> click.Context:
    # A command keeps the help option that the first context asks for: without its own settings it would
    # know no `-h` from then on.
    return click.Context(command, info_name=path, **command.context_settings)


def _options(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield names and help of each option, but --help, which all have."""
    for parameter in command.params:
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            yield record


def _text(help_text: str | None) -> str:
    """Return a docstring's prose as Markdown; the mark that keeps click from wrapping goes."""
    return cleandoc(help_text or "").replace("\b\n", "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


PAGES: dict[str, Callable[[], str]] = {
    "docs/attacks.md": partial(attacks.markdown, ROOT),
    "docs/cli.md": cli,
    "docs/decisions.md": decisions.markdown,
    "docs/eligibility.md": eligibility.markdown,
    "docs/errors.md": errors,
    "docs/rest.md": rest_docs.markdown,
    "src/changeover/schemas/plan-1.schema.json": plan_schema.plan,
    "src/changeover/schemas/plan-result-1.schema.json": plan_schema.result,
    **{f"src/changeover/schemas/{name}{SUFFIX}": partial(schema.text, name) for name in ANSWERS},
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        written = page()
        if _read(ROOT / name) != written:
            (ROOT / name).write_text(written, encoding="utf-8")
            print(f"written: {name}")
