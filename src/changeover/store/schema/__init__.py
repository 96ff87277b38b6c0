"""The tables. Alembic's steps in `migrations/versions` make them; a test holds the two together.

All are loaded with any one of them, so that `metadata` is whole.
"""

from changeover.store.schema import apps, batches, beside_apps, events, oauth, orgs
from changeover.store.schema.base import metadata

__all__ = ["apps", "batches", "beside_apps", "events", "metadata", "oauth", "orgs"]
