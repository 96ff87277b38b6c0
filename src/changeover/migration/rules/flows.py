"""Rules about how clients log in: by which flow, and whether the project's own pipeline is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changeover.migration.dates import (
    DEVICE_FLOW_LIMITED,
    USER_AGENT_ENDS,
    USERNAME_PASSWORD_ENDS,
    written,
    written_near,
)
from changeover.migration.finding import Severity, Status
from changeover.migration.rules.rule import HELP_CONCEPT, Case, Rule, Seen, Unseen, counted, listed
from changeover.migration.situation import FlowUse, LoginEvidence

USERNAME_PASSWORD = ("OauthUsernamePassword",)
BY_USER = USERNAME_PASSWORD
"""Flows of which a finding says who used them; of the others it says only that they were used."""
USER_AGENT = ("OauthUserAgent", "OauthUserAgentIdToken", "OauthHybridUserAgent")
DEVICE = ("OAuthDevice", "OauthDevice")

_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*://)?(?P<host>\[[^\]]*\]|[^/:?#\s]*)(?::(?P<port>[0-9]+))?")


def callbacks(case: Case) -> tuple[tuple[str, str], ...]:
    """Return host and port of each callback URL: they stand in one value, a line each."""
    found = []
    for line in case.value("oauthConfig/callbackUrl").split():
        match = _URL.match(line)
        if match is not None:
            found.append((match["host"].casefold(), match["port"] or ""))
    return tuple(found)


def times(use: FlowUse) -> str:
    """Say how often: `once`, `14 times`."""
    return "once" if use.count == 1 else f"{use.count} times"


def window(logins: LoginEvidence) -> str:
    """Say what Login History was read."""
    start, end = logins.window_start.date(), logins.window_end.date()
    if start == end:
        return f"Login History was read of {written(start)}."
    return f"Login History was read from {written(start)} to {written(end)}."


def shared(logins: LoginEvidence) -> str:
    """Say that the rows may be another app's, where another has the same label."""
    if not logins.shared_with:
        return ""
    return f" It names apps by label only: the logins may be those of {listed(logins.shared_with)}."


def username_password_seen(case: Case) -> Iterator[Seen | Unseen]:
    """Logins with username and password in Login History; the flow stops with the migration."""
    logins = case.situation.logins
    if logins is None:
        if case.facts.oauth:
            more = (
                "no login could be read in the file that was given"
                if case.situation.login_history_empty
                else "give Changeover its download"
            )
            yield Unseen(f"Setup, Login History, Login Subtype OAuth Username-Password; {more}.")
        return
    for use in case.uses(*USERNAME_PASSWORD):
        day = written_near(use.last.date(), case.situation.today)
        user = f" as {use.users[0]}" if use.users else ""
        others = f" Other users: {listed(use.users[1:])}." if use.users[1:] else ""
        off = " The flow has since been blocked for the whole org." if case.blocked_flow else ""
        yield Seen(
            f"{case.name} logged in {times(use)} with username and password, last on {day}{user}."
            f" That flow stops when you migrate.{others}{off} {window(logins)}{shared(logins)}"
        )


USERNAME_PASSWORD_SEEN = Rule(
    id="username-password-seen",
    title="Logins with username and password were seen",
    severity=Severity.CONFIRM,
    status=Status.DOCUMENTED,
    source=HELP_CONCEPT,
    remedy="Move it to client credentials, or confirm against this evidence.",
    check=username_password_seen,
)


def username_password_possible(case: Case) -> Iterator[Seen | Unseen]:
    """Every OAuth app can use the flow; what was not seen is not proven absent."""
    if not case.facts.oauth or case.uses(*USERNAME_PASSWORD):
        return
    if case.blocked_flow:
        yield Seen(f"The username-password flow is blocked for the whole org, so {case.name} cannot use it.")
        return
    ends = f"For connected apps the flow ends{USERNAME_PASSWORD_ENDS.tail(case.situation.today)}."
    logins = case.situation.logins
    if logins is None:
        given = (
            "No login could be read in the Login History that was given"
            if case.situation.login_history_empty
            else "No Login History was given"
        )
        yield Seen(f"{given}: whether {case.name} uses the flow is not known.{_in_event_log(case)} {ends}")
    else:
        tried = sum(use.count for use in logins.refused if use.sub_type in USERNAME_PASSWORD)
        attempts = counted(tried, "attempt", "attempts")
        refused = f" {attempts} with it {'was' if tried == 1 else 'were'} refused." if tried else ""
        yield Seen(
            f"No login of {case.name} with username and password was seen.{refused} {window(logins)}"
            f"{_in_event_log(case)} No rows is no proof: a job may run once a quarter. {ends}"
        )


def _in_event_log(case: Case) -> str:
    """Say what the event log's logins tell of the flow: of the whole org, for they name no app."""
    events = case.situation.usage.login_events if case.situation.usage is not None else None
    if events is None:
        return ""
    log = f" The event log from {written(events.window.start.date())} to {written(events.window.end.date())}"
    use = events.username_password
    if use is None:
        silent = events.without_sub_type
        unknown = f" ({counted(silent, 'names', 'name')} no flow)" if silent else ""
        return f"{log} shows no such login by any app among its {events.logins} logins{unknown}."
    who = f" as {listed(use.users)}" if use.users else ""
    return f"{log} shows {counted(use.count, 'such login', 'such logins')}{who}, and names no app."


USERNAME_PASSWORD_POSSIBLE = Rule(
    id="username-password-possible",
    title="The username-password flow is possible",
    severity=Severity.NOTE,
    status=Status.DOCUMENTED,
    source=HELP_CONCEPT,
    remedy="Ask whoever runs the integration how it logs in before you confirm that it does not use the"
    " flow.",
    check=username_password_possible,
)


def user_agent_flow_ends(case: Case) -> Iterator[Seen | Unseen]:
    """Logins with the user-agent flow, which ends; no field of a file says that an app uses it."""
    if not case.facts.oauth:
        return
    uses = case.uses(*USER_AGENT)
    if uses:
        last = max(use.last for use in uses).date()
        count = sum(use.count for use in uses)
        day = written_near(last, case.situation.today)
        yield Seen(
            f"{case.name} logged in {counted(count, 'time', 'times')} with the user-agent flow, last on"
            f" {day}. The flow ends{USER_AGENT_ENDS.tail(case.situation.today)}."
        )
    elif case.situation.logins is None:
        yield Unseen("Setup, Login History, Login Subtype OAuth User-Agent.")


USER_AGENT_FLOW_ENDS = Rule(
    id="user-agent-flow-ends",
    title="The user-agent flow ends",
    severity=Severity.WARNING,
    status=Status.DOCUMENTED,
    source=USER_AGENT_ENDS.source,
    remedy="Move the client to the web server flow with PKCE.",
    check=user_agent_flow_ends,
)


def device_flow_limited(case: Case) -> Iterator[Seen | Unseen]:
    """The device flow stays for local external client apps with a localhost callback only."""
    if not case.facts.oauth:
        return
    switch = case.value("oauthConfig/isDeviceFlowEnabled")
    if switch != "true" and not case.uses(*DEVICE):
        if not switch and not case.situation.in_org:
            yield Unseen(
                "Setup, App Manager, the app, Edit, Enable for Device Flow: older files do not show it."
            )
        return
    how = "The device flow is on" if switch == "true" else "Logins with the device flow were seen"
    limit = (
        "It is limited to local external client apps with a localhost callback"
        f"{DEVICE_FLOW_LIMITED.tail(case.situation.today)}"
    )
    if any(host == "localhost" for host, _ in callbacks(case)):
        yield Seen(
            f"{how} for {case.name}. {limit}. It has such a callback: migrated, it keeps the flow.",
            "Migrate it in time.",
        )
    else:
        yield Seen(f"{how} for {case.name}, which has no localhost callback. {limit}.")


DEVICE_FLOW = Rule(
    id="device-flow-limited",
    title="The device flow is limited",
    severity=Severity.WARNING,
    status=Status.DOCUMENTED,
    source=DEVICE_FLOW_LIMITED.source,
    remedy="Add a localhost callback and migrate, or move the devices to another flow.",
    check=device_flow_limited,
)

SF_CLI_PORT = "1717"


def own_pipeline(case: Case) -> Iterator[Seen | Unseen]:
    """The sf CLI calls back at localhost:1717; with a certificate so do pipelines and Dev Hubs."""
    at_cli = any(host == "localhost" and port == SF_CLI_PORT for host, port in callbacks(case))
    if at_cli and case.value("oauthConfig/certificate"):
        yield Seen(
            f"{case.name} has a certificate and a callback at localhost:{SF_CLI_PORT}: this is how the sf"
            " CLI, a"
            " pipeline or a Dev Hub logs in. Scratch orgs cannot be created where the Dev Hub was authorised"
            " by JWT through an external client app."
        )


OWN_PIPELINE = Rule(
    id="own-pipeline",
    title="Your own pipeline may log in with it",
    severity=Severity.CONFIRM,
    status=Status.REPORTED,
    source="GitHub, forcedotcom/cli issues 3515 and 3638 (open)",
    remedy="Migrate it last, when nothing else is to be deployed, or confirm that no pipeline and no Dev Hub"
    " uses it.",
    check=own_pipeline,
)
