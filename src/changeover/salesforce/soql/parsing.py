"""From the text of a query to its syntax; what cannot be read is refused where it stands, as Salesforce does.

The grammar is `soql.lark`; lark makes the parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args
from lark.exceptions import VisitError

from changeover.salesforce.refusals import MALFORMED_QUERY, ApiRefused, ErrorCode
from changeover.salesforce.soql.syntax import (
    Aggregate,
    AllFields,
    AllOf,
    Among,
    AnyOf,
    Comparison,
    Condition,
    Count,
    DateLiteral,
    Not,
    Operator,
    Path,
    Query,
    Sorting,
    Spot,
    Value,
)

LONGEST = 100_000
"""Characters of a query (SOQL and SOSL Reference, SOQL and SOSL limits)."""
DEEPEST = 50
"""Parentheses and NOTs within each other: ours, so that a hostile query costs nothing."""
MOST_VALUES = 20_000
"""Values of one IN: ours."""
_LONGEST_INTEGER = 18

NOT_SUPPORTED = {
    "HAVING": "HAVING",
    "WITH": "WITH",
    "FOR": "FOR VIEW and FOR REFERENCE",
    "USING": "USING SCOPE",
    "TYPEOF": "TYPEOF",
    "SUM": "aggregate functions but COUNT and COUNT_DISTINCT",
    "AVG": "aggregate functions but COUNT and COUNT_DISTINCT",
    "MIN": "aggregate functions but COUNT and COUNT_DISTINCT",
    "MAX": "aggregate functions but COUNT and COUNT_DISTINCT",
    "ROLLUP": "GROUP BY ROLLUP",
    "CUBE": "GROUP BY CUBE",
    "INCLUDES": "INCLUDES",
    "EXCLUDES": "EXCLUDES",
    "TOLABEL": "toLabel()",
    "FORMAT": "FORMAT()",
}
"""Words of SOQL that a local org does not know, and what they stand for."""

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MARKED = 20
"""Characters of the query before and after the place that an error shows."""


def refuse(code: ErrorCode, text: str, spot: Spot, message: str) -> ApiRefused:
    """Return a refusal that shows the place in the query, as Salesforce's errors do."""
    lines = text.splitlines() or [""]
    line = lines[min(spot.row, len(lines)) - 1]
    start = max(0, spot.column - 1 - _MARKED)
    shown = line[start : spot.column - 1 + _MARKED]
    mark = " " * (spot.column - 1 - start) + "^"
    return ApiRefused(code, f"\n{shown}\n{mark}\nERROR at Row:{spot.row}:Column:{spot.column}\n{message}")


@cache
def _parser() -> Lark:
    return Lark.open("soql.lark", rel_to=__file__, start="query", parser="lalr", propagate_positions=False)


def parse(text: str) -> Query:
    """Return what a query says. Raises ApiRefused: MALFORMED_QUERY."""
    if len(text) > LONGEST:
        raise ApiRefused(MALFORMED_QUERY, f"SOQL statements cannot be longer than {LONGEST} characters.")
    _refuse_deep(text)
    try:
        tree = _parser().parse(text)
        found: Query = _Reading(text).transform(tree)
    except UnexpectedToken as error:
        raise _unexpected(text, error) from None
    except UnexpectedCharacters as error:
        message = f"line {error.line}:{error.column} no viable alternative at character '{error.char}'"
        raise refuse(MALFORMED_QUERY, text, Spot(error.line, error.column), message) from None
    except UnexpectedEOF:
        raise _at_end(text) from None
    except VisitError as error:
        raise error.orig_exc from None
    return found


def _refuse_deep(text: str) -> None:
    bare = re.sub(r"'(?:\\.|[^'\\])*'", "''", text)
    depth = deepest = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    nots = len(re.findall(r"\bNOT\b", bare, re.IGNORECASE))
    if deepest > DEEPEST or nots > DEEPEST:
        message = f"The query nests more than {DEEPEST} conditions within each other."
        raise ApiRefused(MALFORMED_QUERY, message)


def _at_end(text: str) -> ApiRefused:
    lines = text.splitlines() or [""]
    return refuse(MALFORMED_QUERY, text, Spot(len(lines), len(lines[-1]) + 1), "unexpected token: <EOF>")


def _unexpected(text: str, error: UnexpectedToken) -> ApiRefused:
    token = error.token
    if token.type == "$END":
        return _at_end(text)
    spot = Spot(token.line or 1, token.column or 1)
    message = f"unexpected token: '{token}'"
    wanted = NOT_SUPPORTED.get(str(token).upper())
    # `SELECT SUM(Id)`, `FROM User HAVING`: what stands wrong comes after the word that says why.
    before = re.search(r"([A-Za-z_]+)\s*$", text[: token.start_pos or 0])
    if wanted is None and before is not None:
        wanted = NOT_SUPPORTED.get(before[1].upper())
    if wanted is None and token.type == "LPAR":
        wanted = "functions and queries among the fields"
    if wanted is not None:
        message += f" (a local org does not support: {wanted})"
    return refuse(MALFORMED_QUERY, text, spot, message)


def _spot(token: Token) -> Spot:
    return Spot(token.line or 1, token.column or 1)


def _text(token: Token) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), str(token)[1:-1])


@v_args(inline=True)
class _Reading(Transformer[Token, Query]):
    """Makes the syntax of what lark found, from the leaves up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def _refuse(self, token: Token, message: str) -> ApiRefused:
        return refuse(MALFORMED_QUERY, self._text, _spot(token), message)

    # --- values -----------------------------------------------------------------------------------------

    def string(self, token: Token) -> str:
        return _text(token)

    def integer(self, token: Token) -> int:
        return self._integer(token)

    def _integer(self, token: Token) -> int:
        if len(token) > _LONGEST_INTEGER:
            raise self._refuse(token, f"'{token[:_MARKED]}…' is too large a number")
        return int(token)

    def decimal(self, token: Token) -> Decimal:
        return Decimal(str(token))

    def boolean(self, token: Token) -> bool:
        return token.upper() == "TRUE"

    def null(self) -> None:
        return None

    def date(self, token: Token) -> date:
        try:
            return date.fromisoformat(str(token))
        except ValueError:
            raise self._refuse(token, f"line {token.line}:{token.column} invalid date: {token}") from None

    def datetime(self, token: Token) -> datetime:
        try:
            return datetime.fromisoformat(token.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._refuse(token, f"line {token.line}:{token.column} invalid date: {token}") from None

    def literal(self, token: Token) -> DateLiteral:
        return DateLiteral(token.upper(), None, _spot(token))

    def days(self, name: Token, count: Token) -> DateLiteral:
        return DateLiteral(name.upper(), self._integer(count), _spot(name))

    # --- conditions -------------------------------------------------------------------------------------

    def path(self, *names: Token) -> Path:
        return Path(tuple(map(str, names)), _spot(names[0]))

    def comparison(self, path: Path, operator: Token, value: Value) -> Comparison:
        return Comparison(path, Operator("!=" if operator == "<>" else str(operator)), value)

    def like(self, path: Path, token: Token) -> Comparison:
        # Escapes of the pattern stay: `\%` is a percent sign, `%` is anything.
        pattern = re.sub(r"\\([^%_\\])", lambda found: _ESCAPES.get(found[1], found[1]), str(token)[1:-1])
        return Comparison(path, Operator.LIKE, pattern)

    def values(self, *values: Value) -> tuple[Value, ...]:
        if len(values) > MOST_VALUES:
            raise ApiRefused(MALFORMED_QUERY, f"IN takes at most {MOST_VALUES} values.")
        return values

    def semi_join(self, query: Query) -> Query:
        return query

    def among(self, path: Path, choice: tuple[Value, ...] | Query) -> Among:
        return Among(path, choice)

    def not_among(self, path: Path, choice: tuple[Value, ...] | Query) -> Not:
        return Not(Among(path, choice))

    def negation(self, condition: Condition) -> Not:
        return Not(condition)

    def all_of(self, *conditions: Condition) -> AllOf:
        return AllOf(conditions)

    def any_of(self, *conditions: Condition) -> AnyOf:
        return AnyOf(conditions)

    def where(self, condition: Condition) -> Condition:
        return condition

    # --- the query --------------------------------------------------------------------------------------

    def fields(self, _word: Token, group: Token) -> AllFields:
        return AllFields(group.upper(), _spot(group))

    def count(self, token: Token) -> tuple[Count, Token]:
        return Count(), token

    def aggregate(self, function: Token, path: Path, alias: Token | None) -> Aggregate:
        return Aggregate(function.upper(), path, str(alias) if alias is not None else None)

    def aggregate_again(self, function: Token, path: Path) -> Aggregate:
        return Aggregate(function.upper(), path, None)

    def select(self, *items: Any) -> tuple[Path | AllFields | Aggregate, ...] | Count:  # noqa: ANN401 - of lark
        counts = [item for item in items if isinstance(item, tuple)]
        if not counts:
            return items
        if len(items) > 1:
            raise self._refuse(counts[0][1], "COUNT() stands alone in a query; count a field: COUNT(Id)")
        return Count()

    def group(self, *paths: Path) -> tuple[Path, ...]:
        return paths

    def source(self, name: Token, alias: Token | None) -> tuple[Token, Token | None]:
        return name, alias

    def nulls(self, end: Token) -> bool:
        return end.upper() == "LAST"

    def sorting(self, by: Path | Aggregate, direction: Token | None, nulls_last: bool | None) -> Sorting:  # noqa: FBT001 - called by lark
        return Sorting(by, direction is not None and direction.upper() == "DESC", bool(nulls_last))

    def order(self, *sortings: Sorting) -> Sequence[Sorting]:
        return sortings

    def limit(self, token: Token) -> int:
        return self._count(token)

    def offset(self, token: Token) -> int:
        return self._count(token)

    def _count(self, token: Token) -> int:
        number = self._integer(token)
        if number < 0:
            raise self._refuse(token, f"unexpected token: '{token}'")
        return number

    def query(
        self,
        select: tuple[Path | AllFields | Aggregate, ...] | Count,
        source: tuple[Token, Token | None],
        where: Condition | None,
        group: tuple[Path, ...] | None,
        order: tuple[Sorting, ...] | None,
        limit: int | None,
        offset: int | None,
    ) -> Query:
        name, alias = source
        if group and isinstance(select, Count):
            raise self._refuse(name, "COUNT() takes no GROUP BY; count a field: COUNT(Id)")
        return Query(
            text=self._text,
            select=select,
            source=str(name),
            spot=_spot(name),
            alias=str(alias) if alias is not None else None,
            where=where,
            group=tuple(group or ()),
            order=tuple(order or ()),
            limit=limit,
            offset=offset or 0,
        )
