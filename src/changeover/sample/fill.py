"""Fills an installation with the sample org, through the same acts as any other org."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files

from changeover.org import briefcases, connected_apps, consumer_details, logins, people, push
from changeover.org.audit import Event
from changeover.org.batch_runs import migrate_several
from changeover.org.external_client_app_edits import edit_settings
from changeover.org.importing import import_apps
from changeover.org.installation import command_line_actor, create_org
from changeover.org.lists import AppKind
from changeover.org.model.apps import Confirmation
from changeover.org.model.orgs import Actor, Edition, Org
from changeover.org.notifications import save_notification_type
from changeover.org.oauth_usage import block_app
from changeover.org.people import NewUser
from changeover.org.ports import Unit, Units
from changeover.project.incoming import incoming
from changeover.project.project import Project
from changeover.sample import authorizations
from changeover.sample import logins as history
from changeover.sample.certificate import expired_p12
from changeover.sample.people import ADMIN, COLLEAGUES, PEOPLE, Colleague, Person

ORG_NAME = "Acme Sample"
MY_DOMAIN = "acme-sample"
WITH_SECRET = ("Warehouse_Sync", "Customer_Portal", "Billing", "Survey_Tool")
"""Apps whose integrations know a secret here; the others show what an import without secrets looks like."""
CHANGED_SINCE: Mapping[str, Mapping[str, str]] = {
    "Loyalty_Points": {"ecaGlblOauth/callbackUrl": "https://loyalty.acme.example/oauth/callback"},
    "Survey_Tool": {
        "eca/description": "Surveys after each visit.",
        "ecaGlblOauth/callbackUrl": "https://survey.acme.example/callback\nhttps://survey.acme.example/v2/callback",
    },
}
"""The apps that are migrated, with what is changed on their external client apps afterwards."""
BLOCKED = "Old_Timesheets"
BRIEFCASE = ("Field_Kit", "Field Kit", "Records that technicians take along offline.")
BRIEFCASE_APPS = ("Customer_Portal", "Field_Service_Mobile", "Survey_Tool")


@dataclass(frozen=True, kw_only=True)
class SampleUser:
    """A user of the sample org with the generated password, which is shown once; `repr` leaves it out."""

    username: str
    password: str
    may: str
    """What this user is there to show."""

    def __repr__(self) -> str:
        return f"SampleUser(username={self.username!r}, may={self.may!r})"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The sample org and who can sign in to it, the administrator first."""

    org: Org
    users: tuple[SampleUser, ...]


def fill(units: Units) -> Sample:
    """Create the sample org. Raises E-NAME-TAKEN where it is there already."""
    made = create_org(
        units,
        ORG_NAME,
        Edition.DEVELOPER,
        my_domain=MY_DOMAIN,
        username=ADMIN.username,
        email=ADMIN.username,
    )
    actor = command_line_actor(units, made.org.org_id)
    users = [SampleUser(username=made.username, password=made.password, may=ADMIN.may)]
    users += [_user(units, actor, person) for person in PEOPLE]
    for colleague in COLLEAGUES:
        _colleague(units, actor, colleague)
    _import(units, actor)
    with units.unit() as unit:
        people.edit_user(unit, actor, ADMIN.username, name=ADMIN.name)
        _beside_the_files(unit, actor)
    # Before the migration: what an app holds goes over to its external client app.
    authorizations.log_in(units, made.org)
    _migrate_some(units, actor)
    return Sample(org=made.org, users=tuple(users))


def _user(units: Units, actor: Actor, person: Person) -> SampleUser:
    given = NewUser(username=person.username, name=person.name, email=person.username, profile=person.profile)
    password = people.create_user(units, actor, given)
    with units.unit() as unit:
        for permission_set in person.permission_sets:
            people.assign_permission_set(unit, actor, person.username, permission_set)
    return SampleUser(username=person.username, password=password, may=person.may)


def _colleague(units: Units, actor: Actor, one: Colleague) -> None:
    given = NewUser(username=one.username, name=one.name, email=one.username, profile="Standard User")
    people.create_user(units, actor, given)
    if not one.active:
        with units.unit() as unit:
            people.edit_user(unit, actor, one.username, active=False)


def _import(units: Units, actor: Actor) -> None:
    with as_file(files("changeover.sample") / "project") as folder, Project(folder) as project:
        for outcome in import_apps(units, actor, incoming(project)):
            if outcome.result != "created":
                message = f"the sample's own {outcome.name}: {outcome.message}"
                raise RuntimeError(message)
        if project.errors:
            raise RuntimeError(str(project.errors[0]))


def _beside_the_files(unit: Unit, actor: Actor) -> None:
    """Set what no file holds: push settings, switches, secrets, briefcases, logins."""
    phrase = unit.ids.password()
    p12 = push.AppleP12(p12=expired_p12(phrase), password=phrase, environment="Production", full_content=True)
    push.set_push(unit, actor, "Field_Service_Mobile", p12, seen_version=None)
    server_key = push.AndroidServerKey(server_key=unit.ids.consumer_secret(), fcm_project="courier-alerts")
    push.set_push(unit, actor, "Courier_Alerts", server_key, seen_version=None)
    connected_apps.set_switches(unit, actor, "Api_Gateway", dynamic_registration=True, seen_version=None)
    for api_name in WITH_SECRET:
        secret = unit.ids.consumer_secret()
        consumer_details.set_secret(unit, actor, api_name, secret, seen_version=None)
    briefcases.save_briefcase(unit, actor, *BRIEFCASE)
    for api_name in BRIEFCASE_APPS:
        briefcases.assign(unit, actor, BRIEFCASE[0], api_name)
    for found in unit.notifications.types(actor.org_id):
        label = found.api_name.replace("_", " ")
        save_notification_type(unit, actor, type(found)(api_name=found.api_name, label=label, custom=True))
    block_app(unit, actor, AppKind.CONNECTED, BLOCKED)
    logins.import_login_history(unit, actor, history.rows(unit.now))


def _migrate_some(units: Units, actor: Actor) -> None:
    """Migrate two apps, and change their external client apps since: a deletion has something to lose.

    A client of the one goes on as before after a revert; that of the other has moved to the new callback URL.
    """
    yes = Confirmation(local=True, no_username_password=True)
    for api_name, changes in CHANGED_SINCE.items():
        for outcome in migrate_several(units, actor, [api_name], yes):
            if outcome.result != "migrated":
                raise RuntimeError(outcome.message)
        with units.unit() as unit:
            edit_settings(unit, actor, api_name, changes, seen_version=None)


def is_there(units: Units) -> bool:
    """Whether the installation has the sample org."""
    with units.read() as unit:
        return _found(unit) is not None


def is_whole(units: Units) -> bool:
    """Whether the sample org was made to its end: whoever made it may have been killed in the middle."""
    last = Event.EXTERNAL_CLIENT_APP_SETTINGS_EDITED.value
    with units.read() as unit:
        org = _found(unit)
        return org is not None and unit.audit.count(org.org_id, last) >= len(CHANGED_SINCE)


def _found(unit: Unit) -> Org | None:
    return next((org for org in unit.orgs.list() if org.name == ORG_NAME), None)
