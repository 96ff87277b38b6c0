"""Links into a live org's Setup.

Salesforce documents no address of these pages. The paths are those that its users report: App Manager is
`/lightning/setup/NavigationMenus/home`; a connected app's own page takes its application id (`06P…`, which
Salesforce Help, ai.setup_agent_action_summarize_oauth_in_connected_app, finds in the page's address after
`applicationId`) or the id of its ConnectedApplication record (`0H4…`). The guide says so, and says the clicks
in any case.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from changeover.errors import APP_IDS_UNREADABLE
from changeover.metadata.file_error import FileError

APP_MANAGER = "/lightning/setup/NavigationMenus/home"
_DETAIL = "/app/mgmt/forceconnectedapps/forceAppDetail.apexp"
_SALESFORCE = (".salesforce.com", ".salesforce-setup.com", ".force.com", ".salesforce.mil")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_ID = re.compile(r"(06P|0H4)[0-9A-Za-z]{12}([0-9A-Za-z]{3})?")
_NAMES = ("developername", "name", "app")


def host_of(my_domain: str) -> str | None:
    """Return the host of a My Domain: `acme`, `acme--dev.sandbox` or a whole address of Salesforce's.

    None for what is none.
    """
    text = my_domain.strip().lower().removeprefix("https://").rstrip("/")
    host = text if text.endswith(_SALESFORCE) else f"{text}.my.salesforce.com"
    return host if _HOST.fullmatch(host) else None


@dataclass(frozen=True)
class Links:
    """Addresses of pages of an org's Setup, as far as they are known."""

    host: str | None = None
    ids: dict[str, str] = field(default_factory=dict)
    """By name of the app without case: its application id, or the id of its ConnectedApplication record."""

    @property
    def app_manager(self) -> str | None:
        """App Manager."""
        return f"https://{self.host}{APP_MANAGER}" if self.host else None

    def of(self, *names: str) -> str | None:
        """Return the address of a connected app's page, by its API name or its label."""
        found = next((self.ids[name.casefold()] for name in names if name.casefold() in self.ids), None)
        if self.host is None or found is None:
            return None
        key = "applicationId" if found.startswith("06P") else "connectedAppId"
        inside = quote(f"{_DETAIL}?{key}={found}", safe="")
        return f"https://{self.host}/lightning/setup/ConnectedApplication/page?address={inside}"


def read_ids(path: Path) -> dict[str, str]:
    """Read the ids of apps: a CSV with a column Id and a column DeveloperName, Name or app.

    Raises:
        FileError: APP_IDS_UNREADABLE with the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}
            names = [columns[name] for name in _NAMES if name in columns]
            if "id" not in columns or not names:
                raise FileError(APP_IDS_UNREADABLE, path.name, 1, "it needs the columns Name and Id.")
            found: dict[str, str] = {}
            for row in reader:
                value = (row[columns["id"]] or "").strip()
                if not _ID.fullmatch(value):
                    says = f"{value[:20]!r} is no id that begins with 06P or 0H4."
                    raise FileError(APP_IDS_UNREADABLE, path.name, reader.line_num, says)
                found.update({(row[name] or "").strip().casefold(): value for name in names if row[name]})
            return found
    except OSError as error:
        says = f"{error.strerror or 'it cannot be read'}."
        raise FileError(APP_IDS_UNREADABLE, path.name, None, says) from None
    except (UnicodeDecodeError, csv.Error):
        raise FileError(APP_IDS_UNREADABLE, path.name, None, "it is no CSV in UTF-8.") from None
