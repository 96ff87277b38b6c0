"""Comparison: what a connected app should have become, and what is there.

`compare` is for an external client app that Salesforce made; `changes` for one external client app at two
times: what a revert would lose.
"""

from changeover.migration.comparison.compare import Comparison, Line, Outcome, compare
from changeover.migration.comparison.gather import belongs, gather
from changeover.migration.comparison.history import LeafChange, changes

__all__ = ["Comparison", "LeafChange", "Line", "Outcome", "belongs", "changes", "compare", "gather"]
