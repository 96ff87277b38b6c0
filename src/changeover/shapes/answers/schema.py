"""The published JSON schema of an answer: strict, so that what is not said in it is not printed."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import NODEFAULT, Struct

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
    kinds: tuple[type[Struct], ...] = (*ANSWERS[name], Refusal)
    answers, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    required = {title: fields for kind in kinds for title, fields in _required(kind).items()}
    for title, component in components.items():
        if component.get("type") == "object":
            component["additionalProperties"] = False
            component["required"] = required[title]
    return {
        "$schema": DIALECT,
        "$id": schema_id(name),
        "title": f"The answer of `changeover {name.replace('-', ' ')}` as JSON",
        "description": "Or, where the command was refused as a whole, why.",
        "anyOf": list(answers),
        "$defs": components,
    }


def text(name: str) -> str:
    """Return the schema as it is written to its file."""
    return msgspec.json.format(msgspec.json.encode(published(name), order="sorted"), indent=2).decode() + "\n"


def _required(kind: type[Struct]) -> dict[str, list[str]]:
    """Return the fields that are always there, of a Struct and of all that is within it, by name."""
    found: dict[str, list[str]] = {}
    waiting: list[Any] = [msgspec.inspect.type_info(kind)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, (msgspec.inspect.StructType, msgspec.inspect.DataclassType)):
            if info.cls.__name__ in found:
                continue
            found[info.cls.__name__] = [each.encode_name for each in info.fields if _is_always_there(each)]
            waiting += [field.type for field in info.fields]
        for name in ("types", "item_types"):
            waiting += getattr(info, name, ())
        for name in ("item_type", "value_type", "type"):
            inner = getattr(info, name, None)
            waiting += [inner] if isinstance(inner, msgspec.inspect.Type) else []
    return found


def _is_always_there(field: msgspec.inspect.Field) -> bool:
    # What may be unset is neither required nor has it any other default.
    has_default = field.default is not NODEFAULT or field.default_factory is not NODEFAULT
    return field.required or has_default
