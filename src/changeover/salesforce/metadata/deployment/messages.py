"""DeployMessage: what became of one component, in the order of the WSDL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from changeover.salesforce.metadata.places import NOWHERE, Place
from changeover.salesforce.soap.answers import Value

ERROR, WARNING = "Error", "Warning"


@dataclass(frozen=True, kw_only=True)
class DeployMessage:
    """What became of one component, or of a file that is none."""

    type_name: str
    """Empty for package.xml and for what is of no type."""
    full_name: str
    file_name: str
    success: bool
    created: bool = False
    changed: bool = False
    deleted: bool = False
    record_id: str = ""
    problem: str | None = None
    warning: bool = False
    """Whether the problem stops nothing."""
    place: Place = NOWHERE

    def fields(self, at: datetime) -> Mapping[str, Value]:
        """Return it as an answer holds it."""
        return {
            "changed": self.changed,
            "columnNumber": self.place.column,
            "componentType": self.type_name,
            "created": self.created,
            "createdDate": at,
            "deleted": self.deleted,
            "fileName": self.file_name,
            "fullName": self.full_name,
            "id": self.record_id or None,
            "lineNumber": self.place.line,
            "problem": self.problem,
            "problemType": (WARNING if self.warning else ERROR) if self.problem is not None else None,
            "success": self.success,
        }


def failure(
    type_name: str, full_name: str, file_name: str, problem: str, place: Place = NOWHERE
) -> DeployMessage:
    """Return the message of what cannot be deployed."""
    return DeployMessage(
        type_name=type_name,
        full_name=full_name,
        file_name=file_name,
        success=False,
        problem=problem,
        place=place,
    )
