"""Changeover moves Salesforce connected apps to external client apps and accounts for every field."""

from __future__ import annotations

__version__ = "0.1.0"
