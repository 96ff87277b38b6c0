"""Who and what is on the copy: the org, its people, and an app with what its integration knows of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from changeover.oauth.client import OauthClient
from changeover.org.installation import ADMINISTRATOR, NewOrg, command_line_actor, create_org
from changeover.org.model.orgs import Actor, Edition, Org
from changeover.org.model.people import PermissionSet, Profile, User
from changeover.org.permissions import Permission
from changeover.org.ports import Unit, Units
from changeover.rehearse.source import Login, People, Source

DOMAIN = "rehearsal.changeover.example"
"""Of the users that are made for a copy."""
STANDARD = "Standard User"
"""Profile of a user of whom nothing is asked."""


@dataclass(kw_only=True)
class Population:
    """The org on the copy and who is in it."""

    units: Units
    org: Org
    actor: Actor
    """An administrator of the copy's own."""
    logins: dict[str, Login] = field(default_factory=dict)
    """By folded username: who has a password here."""

    def person(self, client: OauthClient, seen: tuple[str, ...]) -> tuple[Login, str | None]:
        """Return a user who may use an app, and what to say if there was none.

        Args:
            client: the app.
            seen: usernames that were seen to log in with it; the first who may is taken.
        """
        with self.units.read() as unit:
            real = [one for one in unit.users.list(self.org.org_id) if one.active and not one.placeholder]
            allowed = [one for one in real if _may_use(unit, client, one)]
            before = {name.casefold(): place for place, name in enumerate(seen)}
            allowed.sort(key=lambda one: before.get(one.username.casefold(), len(before)))
        theirs = [one for one in allowed if one.user_id != self.actor.user_id and not _is_made(one)]
        if theirs:
            return self.login(theirs[0]), None
        made = self._made(*_rights(client))
        return made, f"{made.username} was made for the copy, with what the app asks of its users."

    def newcomer(self, like: Login) -> Login:
        """Return another user with the rights of one: who has approved nothing yet."""
        with self.units.read() as unit:
            user = unit.users.in_org(self.org.org_id, like.username)
        return self._made(user.profile if user else None, user.permission_sets if user else (), "newcomer")

    def run_as(self, client: OauthClient) -> str | None:
        """Have an app's run-as user on the copy; returns what to say if the source has none of the name."""
        username = client.run_as
        if not username:
            return None
        profile, permission_sets = _rights(client)
        with self.units.unit() as unit:
            there = unit.users.in_org(self.org.org_id, username)
            if there is not None and not there.placeholder:
                return None
            if there is None:
                unit.users.add(_user(unit, self.org, username, profile, permission_sets), None)
            else:
                real = replace(there, profile=profile, permission_sets=permission_sets)
                unit.users.save(replace(real, active=True, placeholder=False))
        return f"Its run-as user {username} was made for the copy."

    def login(self, user: User) -> Login:
        """Return a user's login; the password is made at the first asking."""
        known = self.logins.get(user.username.casefold())
        if known is not None:
            return known
        login = Login(username=user.username, password=secrets.token_urlsafe())
        hashed = self.units.passwords.hash(login.password)
        with self.units.unit() as unit:
            unit.users.set_password(user.user_id, hashed)
        self.logins[user.username.casefold()] = login
        return login

    def _made(self, profile: str | None, permission_sets: tuple[str, ...], kind: str = "user") -> Login:
        """Return a user with a profile and permission sets that was made for the copy; one for all apps."""
        rights = "|".join((profile or "", *permission_sets))
        username = f"{kind}.{hashed(rights)}@{DOMAIN}"
        known = self.logins.get(username)
        if known is not None:
            return known
        with self.units.unit() as unit:
            user = _user(unit, self.org, username, profile or STANDARD, permission_sets)
            unit.users.add(user, None)
        return self.login(user)


def _rights(client: OauthClient) -> tuple[str, tuple[str, ...]]:
    """Return profile and permission sets that an app asks of its users."""
    if not client.admin_approved:
        return STANDARD, ()
    return next(iter(sorted(client.profiles)), STANDARD), tuple(sorted(client.permission_sets))


def hashed(text: str) -> str:
    """Return a short name for a text, the same every time."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(text.encode())
    return digest.finalize().hex()[:8]


def _is_made(user: User) -> bool:
    return user.username.endswith(f"@{DOMAIN}")


def _may_use(unit: Unit, client: OauthClient, user: User) -> bool:
    if not client.admin_approved or user.profile in client.profiles:
        return True
    if client.permission_sets & set(user.permission_sets):
        return True
    return Permission.USE_ANY_API_CLIENT.value in unit.users.permissions(user.user_id)


def populate(units: Units, source: Source) -> Population:
    """Make the org of a source on an empty installation; its people get passwords of the copy's own."""
    like = source.org
    made = _org(units, "rehearsal", like.edition)
    # Nobody is in it but its administrator: an app is at home there where `other-org` is assumed.
    _org(units, "home-of-apps", like.edition)
    org = replace(
        like, org_id=made.org.org_id, name=made.org.name, my_domain="rehearsal", version=made.org.version
    )
    with units.unit() as unit:
        unit.orgs.save(org)
        _settle(unit, org, source.people)
    return Population(units=units, org=org, actor=command_line_actor(units, org.org_id, made.username))


def _org(units: Units, name: str, edition: Edition) -> NewOrg:
    admin = f"admin.{name}@{DOMAIN}"
    return create_org(units, name, edition, my_domain=name, username=admin, email=admin)


def _settle(unit: Unit, org: Org, people: People) -> None:
    """Take over profiles, permission sets and users, under the copy's own ids."""
    there = {one.name.casefold() for one in unit.users.profiles(org.org_id)}
    for profile in people.profiles:
        # The copy's administrator keeps all that it has.
        if profile.name != ADMINISTRATOR:
            _save_profile(unit, org, profile, known=profile.name.casefold() in there)
    sets = {one.api_name.casefold(): one for one in unit.users.permission_sets(org.org_id)}
    for one in people.permission_sets:
        known = sets.get(one.api_name.casefold())
        made = replace(
            one,
            permission_set_id=known.permission_set_id if known else unit.ids.record("0PS"),
            placeholder=False,
        )
        unit.users.save_permission_set(org.org_id, made)
    for user in people.users:
        if not user.placeholder:
            unit.users.add(
                replace(user, user_id=unit.ids.record("005"), org_id=org.org_id, locked_until=None), None
            )


def _save_profile(unit: Unit, org: Org, profile: Profile, *, known: bool) -> None:
    ids = {one.name.casefold(): one.profile_id for one in unit.users.profiles(org.org_id)} if known else {}
    profile_id = ids.get(profile.name.casefold()) or unit.ids.record("00e")
    unit.users.save_profile(org.org_id, replace(profile, profile_id=profile_id, placeholder=False))


def have_named(unit: Unit, org: Org, client: OauthClient) -> tuple[str, ...]:
    """Make the profiles and permission sets that an app names and nobody has; returns their names."""
    profiles = {one.name.casefold(): one for one in unit.users.profiles(org.org_id)}
    sets = {one.api_name.casefold(): one for one in unit.users.permission_sets(org.org_id)}
    made = []
    for name in sorted(client.profiles):
        if name.casefold() not in profiles:
            unit.users.save_profile(
                org.org_id,
                Profile(profile_id=unit.ids.record("00e"), name=name, permissions=frozenset()),
            )
            made.append(name)
    for name in sorted(client.permission_sets):
        if name.casefold() not in sets:
            unit.users.save_permission_set(
                org.org_id,
                PermissionSet(
                    permission_set_id=unit.ids.record("0PS"),
                    api_name=name,
                    label=name,
                    permissions=frozenset(),
                ),
            )
            made.append(name)
    return tuple(made)


def _user(unit: Unit, org: Org, username: str, profile: str, permission_sets: tuple[str, ...]) -> User:
    return User(
        user_id=unit.ids.record("005"),
        org_id=org.org_id,
        username=username,
        name=username.partition("@")[0],
        email=f"nobody@{DOMAIN}",
        profile=profile,
        permission_sets=permission_sets,
    )


class KeyPair:
    """A private key and its certificate, in place of the one whose private key nobody here has."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=3650))
            .sign(key, hashes.SHA256())
        )
        self.private_key = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
