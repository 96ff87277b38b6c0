"""The shape of a database as the database itself tells it: columns, constraints, indexes, triggers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect, text

Shape = dict[str, list[str]]

_POSTGRESQL = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, l.collname,
               pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
          LEFT JOIN pg_collation l ON l.oid = a.attcollation
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        """,
    "constraints": """
        SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
        """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass, tgname, pg_get_triggerdef(oid), tgenabled
          FROM pg_trigger WHERE NOT tgisinternal
        """,
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
        """,
    "types": """
        SELECT t.typname, e.enumlabel, e.enumsortorder FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
         WHERE t.typnamespace = 'public'::regnamespace
        """,
}


def shape(connection: Connection) -> Shape:
    """Return what a database holds beside rows, each thing as one line, in order."""
    if connection.dialect.name == "postgresql":
        return {
            kind: sorted(str(tuple(row)) for row in connection.execute(text(query)))
            for kind, query in _POSTGRESQL.items()
        }
    return _sqlite(connection)


def _sqlite(connection: Connection) -> Shape:
    inspector = inspect(connection)
    found: dict[str, list[Any]] = {"columns": [], "constraints": [], "indexes": [], "triggers": []}
    for table in inspector.get_table_names():
        for column in inspector.get_columns(table):
            found["columns"].append((table, sorted((key, str(value)) for key, value in column.items())))
        found["constraints"].append((table, "primary", inspector.get_pk_constraint(table)))
        found["constraints"] += [(table, "foreign", one) for one in inspector.get_foreign_keys(table)]
        found["constraints"] += [(table, "unique", one) for one in inspector.get_unique_constraints(table)]
        found["constraints"] += [(table, "check", one) for one in inspector.get_check_constraints(table)]
    made = (
        "SELECT type, tbl_name, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql <> ''"
    )
    for kind, table, name, sql in connection.execute(text(made)):
        found["indexes" if kind == "index" else "triggers"].append((table, name, " ".join(sql.split())))
    return {kind: sorted(map(str, entries)) for kind, entries in found.items()}


def of_tables(found: Shape, names: set[str]) -> Shape:
    """Return the columns, constraints and indexes of some tables only."""
    return {
        kind: [line for line in found[kind] if line.partition("'")[2].partition("'")[0] in names]
        for kind in ("columns", "constraints", "indexes")
    }
