"""Rehearsal: OAuth clients log in on a copy of an org before a migration, after it, and after the revert."""
