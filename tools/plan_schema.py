"""The JSON schemas of plans and of their results, from the records and the texts in them."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator

import msgspec

from changeover.migration import account, finding
from changeover.migration.plan import document
from changeover.plans import results
from changeover.plans.file import SCHEMA as PLAN
from changeover.plans.file import PlanDocument
from changeover.plans.results import SCHEMA as RESULT
from changeover.plans.results import Result

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def plan() -> str:
    """Return src/changeover/schemas/plan-1.schema.json."""
    return _schema(
        PlanDocument, PLAN, "Plan of Changeover", "What `changeover plan` writes: see docs/plans.md."
    )


def result() -> str:
    """Return src/changeover/schemas/plan-result-1.schema.json."""
    says = "What `changeover apply` writes of each app: see docs/plans.md."
    return _schema(Result, RESULT, "Result of applying a plan of Changeover", says)


def _schema(record: type, identity: str, title: str, says: str) -> str:
    made = msgspec.json.schema(record)
    kinds = made.pop("$defs")
    texts, moments = dict(_texts()), dict(_moments())
    for name, kind in kinds.items():
        for field, text in texts.get(name, {}).items():
            # Beside a $ref a description is allowed since draft 2019-09.
            kind["properties"][field]["description"] = text
        for field in moments.get(name, ()):
            kind["properties"][field]["format"] = "date-time"
        kind.pop("title", None)
        if kind.get("type") == "object":
            kind["required"] = [name for name, said in kind["properties"].items() if "default" not in said]
            kind["additionalProperties"] = False
    whole = kinds.pop(record.__name__)
    whole["properties"] = {"$schema": {"const": identity}, **whole["properties"]}
    whole.pop("description", None)
    head = {"$schema": DRAFT, "$id": identity, "title": title, "description": says}
    return json.dumps({**head, **whole, "$defs": kinds}, indent=2, ensure_ascii=False) + "\n"


def _classes() -> Iterator[ast.ClassDef]:
    for module in (account, finding, document, results):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef):
                yield node


def _texts() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each record's name with the texts under its fields."""
    for node in _classes():
        pairs = zip(node.body, node.body[1:], strict=False)
        found = ((_field(field), _text(text)) for field, text in pairs)
        yield node.name, {name: said for name, said in found if name and said}


def _moments() -> Iterator[tuple[str, list[str]]]:
    """Yield each record's name with its fields that hold a time; all of them bear their zone."""
    for node in _classes():
        fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
        yield node.name, [_field(field) for field in fields if ast.unparse(field.annotation) == "datetime"]


def _field(node: ast.stmt) -> str:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def _text(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return " ".join(str(node.value.value).split())
    return ""
