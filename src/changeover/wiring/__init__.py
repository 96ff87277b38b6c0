"""The composition root: who gets which adapter."""

from changeover.wiring.backups import back_up, check_backup, restore_backup
from changeover.wiring.copies import rehearsal_copy
from changeover.wiring.doors import Served, applications, authority, served, web_application, write_private
from changeover.wiring.house import House, open_house
from changeover.wiring.places import database_url

__all__ = (
    "House",
    "Served",
    "applications",
    "authority",
    "back_up",
    "check_backup",
    "database_url",
    "open_house",
    "rehearsal_copy",
    "restore_backup",
    "served",
    "web_application",
    "write_private",
)
