"""The ports of an org on SQLAlchemy: SQLite by default, written so that PostgreSQL follows."""
