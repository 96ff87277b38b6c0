"""Which apps are meant: by API name, by pattern, by verdict, by wave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from changeover.errors import APP_NOT_FOUND, ChangeoverError
from changeover.migration.finding import Verdict


@dataclass(frozen=True)
class Selection:
    """What somebody chose; nothing stands for everything."""

    apps: tuple[str, ...] = ()
    """API names, or patterns with `*`, `?` and `[…]`; compared without case."""
    verdicts: frozenset[Verdict] = frozenset()
    waves: frozenset[str] = frozenset()

    def names(self, api_name: str) -> bool:
        """Whether an app of this API name may be meant."""
        folded = api_name.casefold()
        return not self.apps or any(fnmatchcase(folded, app.casefold()) for app in self.apps)

    def has(self, api_name: str, verdict: Verdict, wave: str | None) -> bool:
        """Whether an app is meant."""
        return (
            self.names(api_name)
            and (not self.verdicts or verdict in self.verdicts)
            and (not self.waves or wave in self.waves)
        )

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Refuse a name or pattern that fits no app. Raises E-APP-NOT-FOUND."""
        left = dict.fromkeys(app.casefold() for app in self.apps)
        for api_name in known if left else ():
            folded = api_name.casefold()
            for app in [app for app in left if fnmatchcase(folded, app)]:
                del left[app]
            if not left:
                return
        for app in self.apps:
            if app.casefold() in left:
                message = f"No connected app fits {app}."
                raise ChangeoverError(APP_NOT_FOUND, message, "Check the API name.")
