"""django-oauth-toolkit as the bench measures ours beside: the smallest project that serves it, on SQLite.

    python -m bench.toolkit CLIENT_ID CLIENT_SECRET     make the database, with one client
    gunicorn bench.toolkit:application                  serve it

The database is the file that `TOOLKIT_DATABASE` names, as durable as ours: WAL, synchronous = FULL. The
client's secret is stored as it is: by default it would be hashed as slowly as a password, and a worker would
issue four tokens a second.
"""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["TOOLKIT_DATABASE"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
            },
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=[],
    OAUTH2_PROVIDER={"SCOPES": {"api": "The API"}},
    ROOT_URLCONF="bench.toolkit",
    SECRET_KEY="of the bench alone",  # noqa: S106 - signs nothing that anybody keeps
    USE_TZ=True,
)
django.setup()
# Only now: it reads the settings.
urlpatterns = [path("o/", include("oauth2_provider.urls"))]


def make(client_id: str, client_secret: str) -> None:
    """Make the database, and a client for the client-credentials flow in it."""
    call_command("migrate", verbosity=0)
    from oauth2_provider.models import get_application_model  # noqa: PLC0415 - once Django is set up

    get_application_model().objects.create(
        client_id=client_id,
        client_secret=client_secret,
        hash_client_secret=False,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        name="bench",
    )


if __name__ == "__main__":
    make(*sys.argv[1:])
else:
    application = get_wsgi_application()
