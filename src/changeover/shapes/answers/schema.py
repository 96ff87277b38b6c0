"""The published JSON schema of an answer: strict, so that what is not said in it is not printed."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Struct

from changeover.shapes.answers import ANSWERS, VERSIONS
from changeover.shapes.answers.common import Refusal

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_id(name: str) -> str:
    """Return the `$id` of a schema: `urn:changeover:schema:assess:1`."""
    return f"urn:changeover:schema:{name}:{VERSIONS.get(name, 1)}"


def published(name: str) -> dict[str, Any]:
    """Return the schema of a command's answer.

    Every field is required but those that the form itself leaves open, and no other is allowed: an answer
    that changes without its schema does not validate.

    Args:
        name: of the schema, one of `ANSWERS`.
    """
    kind = ANSWERS[name]
    (answer, refusal), components = msgspec.json.schema_components(
        (kind, Refusal), ref_template="#/$defs/{name}"
    )
    structs = {each.__name__: each for each in _structs(kind) | _structs(Refusal)}
    for title, component in components.items():
        if component.get("type") == "object" and title in structs:
            component["additionalProperties"] = False
            component["required"] = _required(structs[title])
    return {
        "$schema": DIALECT,
        "$id": schema_id(name),
        "title": f"The answer of `changeover {name.replace('-', ' ')}` as JSON",
        "description": "Or, where the command was refused as a whole, why.",
        "anyOf": [answer, refusal],
        "$defs": components,
    }


def text(name: str) -> str:
    """Return the schema as it is written to its file."""
    return msgspec.json.format(msgspec.json.encode(published(name), order="sorted"), indent=2).decode() + "\n"


def _required(kind: type[Struct]) -> list[str]:
    fields = msgspec.structs.fields(kind)
    return [field.encode_name for field in fields if field.default is not UNSET]


def _structs(kind: type[Struct]) -> set[type[Struct]]:
    """Return a Struct and all Structs within it."""
    found: set[type[Struct]] = set()
    waiting: list[Any] = [msgspec.inspect.type_info(kind)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in found:
                continue
            found.add(info.cls)
            waiting += [field.type for field in info.fields]
        for name in ("types", "item_types"):
            waiting += getattr(info, name, ())
        for name in ("item_type", "value_type", "type"):
            inner = getattr(info, name, None)
            waiting += [inner] if isinstance(inner, msgspec.inspect.Type) else []
    return found
