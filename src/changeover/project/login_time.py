"""Login times as Setup's download and SOQL answers spell them, read as moments in UTC.

SOQL and Bulk API write ISO 8601. Setup writes the time in the locale and time zone of the user who downloads:
`11/23/2026, 1:05:09 PM PST`, `23.11.2026 13:05`, `23/11/2026 13:05 GMT+01:00`. What cannot be told from the
text (day or month first, no zone) is decided once a file and said in a note.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

# Abbreviations that Java writes for the zones that Salesforce offers, by minutes east of UTC. Where two zones
# share one, the one with more users of Salesforce is meant (IST is India's, BST Britain's).
_ZONE_NAMES = {
    -600: "HST",
    -540: "AKST",
    -480: "AKDT PST",
    -420: "PDT MST",
    -360: "MDT CST",
    -300: "CDT EST COT PET",
    -240: "EDT AST CLT VET",
    -210: "NST",
    -180: "ADT BRT ART",
    -150: "NDT",
    0: "Z UTC GMT WET",
    60: "BST CET WAT WEST",
    120: "CEST EET SAST CAT",
    180: "EEST MSK EAT TRT",
    240: "GST",
    300: "PKT",
    330: "IST",
    345: "NPT",
    420: "ICT WIB",
    480: "SGT HKT PHT AWST",
    540: "JST KST",
    570: "ACST",
    600: "AEST",
    630: "ACDT",
    660: "AEDT",
    720: "NZST",
    780: "NZDT",
}
_ZONES = {name: minutes for minutes, names in _ZONE_NAMES.items() for name in names.split()}
_CLOCK = (
    r"(?:(?:T|,? )(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r" ?(?P<half>[AaPp]\.? ?[Mm]\.?)?)?"
    r" ?(?P<zone>[A-Za-z]{1,5}|(?:GMT|UTC)?[+-]\d{1,2}:?(?:\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK)
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_number>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK
)
_OFFSET = re.compile(r"(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
_EPOCH_MILLISECONDS = re.compile(r"\d{12,13}")
_MONTHS = 12
_NOON = 12


class LoginTimes:
    """Reads the login times of one file.

    Show it each time first (`look`): whether the day or the month comes first is decided by all of them.
    """

    def __init__(self) -> None:
        self.year_last = False
        """Whether times were seen whose year stands last, so that the order of day and month matters."""
        self._day_over_12 = False
        self._month_over_12 = False
        self._halves = False
        self._slashes = False
        self._without_zone = False
        self._unknown_zones: set[str] = set()

    def look(self, text: str) -> bool:
        """Take a time into account for the order of day and month; True once it is decided."""
        match = _YEAR_LAST.fullmatch(_plain(text))
        if match is not None:
            self.year_last = True
            self._day_over_12 |= int(match["first"]) > _MONTHS
            self._month_over_12 |= int(match["second_number"]) > _MONTHS
            self._halves |= match["half"] is not None
            self._slashes |= match["mark"] == "/"
        return self._day_over_12 != self._month_over_12

    @property
    def day_first(self) -> bool:
        """Whether `03/04/2026` is the third of April in this file.

        Told by a number over 12 where there is one; else month first is the way of those who write AM and PM
        with slashes (en_US), day first everybody else's.
        """
        if self._day_over_12 != self._month_over_12:
            return self._day_over_12
        return not (self._halves and self._slashes)

    def read(self, text: str) -> datetime | None:
        """Return the moment in UTC, None where the text is none that this class knows."""
        plain = _plain(text)
        if _EPOCH_MILLISECONDS.fullmatch(plain):
            return datetime.fromtimestamp(int(plain) // 1000, UTC)
        match = _YEAR_FIRST.fullmatch(plain)
        if match is not None:
            month, day = int(match["month"]), int(match["day"])
        else:
            match = _YEAR_LAST.fullmatch(plain)
            if match is None:
                return None
            day, month = int(match["first"]), int(match["second_number"])
            if not self.day_first:
                day, month = month, day
        try:
            local = datetime(int(match["year"]), month, day, *_clock(match), tzinfo=UTC)
            return local - self._offset(match["zone"])
        except (ValueError, OverflowError):
            return None

    def notes(self) -> tuple[str, ...]:
        """Say what had to be assumed."""
        notes = []
        if self._slashes and not (self._day_over_12 or self._month_over_12):
            order = "day/month/year" if self.day_first else "month/day/year"
            notes.append(f"no date tells whether day or month comes first; read as {order}")
        if self._without_zone:
            notes.append("the times name no time zone; read as UTC")
        if self._unknown_zones:
            names = ", ".join(sorted(self._unknown_zones)[:5])
            notes.append(f"time zone {names} is not known; read as UTC")
        return tuple(notes)

    def _offset(self, zone: str | None) -> timedelta:
        if zone is None:
            self._without_zone = True
            return timedelta()
        match = _OFFSET.fullmatch(zone)
        if match is not None:
            minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
            return timedelta(minutes=-minutes if match["sign"] == "-" else minutes)
        known = _ZONES.get(zone.upper())
        if known is None:
            self._unknown_zones.add(zone)
            return timedelta()
        return timedelta(minutes=known)


def _plain(text: str) -> str:
    # Newer Java puts a narrow no-break space before AM and PM.
    return " ".join(text.split())


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % _NOON + (_NOON if match["half"][0] in "Pp" else 0)
    return hour, int(match["minute"] or 0), int(match["second"] or 0)
