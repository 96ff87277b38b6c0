"""The published JSON schemas of every answer under `--json`; made from `changeover.shapes.answers`.

Each has a versioned `$id`, `urn:changeover:schema:assess:1`. The version is raised when a field goes or means
something else; a field that is added keeps it.
"""

from __future__ import annotations

from importlib.resources import files

SUFFIX = ".schema.json"


def names() -> tuple[str, ...]:
    """Return the names of all schemas, sorted."""
    found = (each.name for each in files(__name__).iterdir() if each.name.endswith(SUFFIX))
    return tuple(sorted(name.removesuffix(SUFFIX) for name in found))


def text_of(name: str) -> str:
    """Return a schema as JSON.

    Raises:
        KeyError: there is none of this name.
    """
    if name not in names():
        raise KeyError(name)
    return files(__name__).joinpath(f"{name}{SUFFIX}").read_text("utf-8")
