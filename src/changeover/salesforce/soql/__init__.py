"""SOQL: what a query says (`syntax`, `parsing`), what it leaves through (`filtering`), what it answers."""
