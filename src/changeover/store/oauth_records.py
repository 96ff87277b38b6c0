"""What was issued at the OAuth endpoints, by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from changeover.org.oauth_records import (
    AccessToken,
    Approval,
    Authorization,
    Code,
    DeviceCode,
    DeviceState,
    Flow,
    SigningKey,
)
from changeover.store.codec import Written, write_json
from changeover.store.prepared import Prepared, Row
from changeover.store.remembering import KEPT
from changeover.store.rows import found_or_put, put_first
from changeover.store.schema.oauth import (
    oauth_access_token,
    oauth_approval,
    oauth_assertion,
    oauth_authorization,
    oauth_code,
    oauth_device_code,
    oauth_signing_key,
    oauth_spent_refresh,
)
from changeover.store.vault import UnitVault

_ISSUED = (
    (oauth_authorization, oauth_authorization.c.refresh_digest),
    (oauth_code, oauth_code.c.digest),
    (oauth_device_code, oauth_device_code.c.digest),
)
_KEEP = timedelta(days=1)
"""How long what has expired is kept: a replay is told from a guess."""
_SCANNED = 2_000

# These run for every request.
_ISSUE = Prepared(insert(oauth_access_token), [column.name for column in oauth_access_token.c])
_ACCESS = Prepared(select(oauth_access_token).where(oauth_access_token.c.digest == bindparam("key")))
_OF_REFRESH = select(oauth_authorization).where(oauth_authorization.c.refresh_digest == bindparam("digest"))
_BY_REFRESH = Prepared(_OF_REFRESH)
_BY_REFRESH_LOCKED = Prepared(_OF_REFRESH.with_for_update())
_USED = Prepared(
    update(oauth_authorization)
    .where(oauth_authorization.c.id == bindparam("authorization"))
    .values(use_count=oauth_authorization.c.use_count + 1, last_used_at=bindparam("at"))
)


@lru_cache(KEPT)
def _written(scopes: tuple[str, ...]) -> Written:
    """Return scopes as they are stored; those of an app are the same each time."""
    return Written(write_json(scopes))


def _authorization(row: Row) -> Authorization:
    return Authorization(
        authorization_id=row["id"],
        org_id=row["org_id"],
        consumer_key=row["consumer_key"],
        user_id=row["user_id"],
        scopes=tuple(row["scopes"]),
        flow=Flow(row["flow"]),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        use_count=row["use_count"],
        refresh_issued_at=row["refresh_issued_at"],
    )


def _device(row: Row) -> DeviceCode:
    return DeviceCode(
        digest=row["digest"],
        user_code=row["user_code"],
        org_id=row["org_id"],
        consumer_key=row["consumer_key"],
        scopes=tuple(row["scopes"]),
        expires_at=row["expires_at"],
        state=DeviceState(row["state"]),
        user_id=row["user_id"],
        polled_at=row["polled_at"],
    )


def _signing_key(row: Row) -> SigningKey:
    return SigningKey(key_id=row["key_id"], public_jwk=row["public_jwk"], created_at=row["created_at"])


def _identity(key_id: str) -> str:
    return f"oauth_signing_key:{key_id}"


class SqlOauthRecords:
    """The OAuth records of all orgs."""

    def __init__(self, connection: Connection, vault: UnitVault) -> None:
        self._connection = connection
        self._vault = vault

    def _one(self, query: Select[tuple[object, ...]]) -> Row | None:
        row = self._connection.execute(query).mappings().one_or_none()
        return dict(row) if row is not None else None

    # --- authorizations ---------------------------------------------------------------------------------

    def authorize(self, authorization: Authorization, refresh_digest: str | None) -> None:
        """Add an authorization."""
        self._connection.execute(
            insert(oauth_authorization).values(
                id=authorization.authorization_id,
                org_id=authorization.org_id,
                consumer_key=authorization.consumer_key,
                user_id=authorization.user_id,
                scopes=list(authorization.scopes),
                flow=authorization.flow.value,
                created_at=authorization.created_at,
                last_used_at=authorization.last_used_at,
                use_count=authorization.use_count,
                refresh_digest=refresh_digest,
                refresh_issued_at=authorization.refresh_issued_at,
            )
        )

    def authorization(self, authorization_id: str) -> Authorization | None:
        """Return an authorization."""
        row = self._one(select(oauth_authorization).where(oauth_authorization.c.id == authorization_id))
        return _authorization(row) if row else None

    def by_refresh(self, digest: str, *, lock: bool = True) -> Authorization | None:
        """Return the authorization of a refresh token that is good; `lock`: until the unit ends."""
        query = _BY_REFRESH_LOCKED if lock else _BY_REFRESH
        row = query.one(self._connection, {"digest": digest})
        return _authorization(row) if row else None

    def by_spent_refresh(self, digest: str) -> Authorization | None:
        """Return the authorization whose refresh token this was before it was rotated."""
        spent = select(oauth_spent_refresh.c.authorization_id).where(oauth_spent_refresh.c.digest == digest)
        query = select(oauth_authorization).where(oauth_authorization.c.id == spent.scalar_subquery())
        row = self._one(query.with_for_update())
        return _authorization(row) if row else None

    def rotate(self, authorization_id: str, refresh_digest: str, issued_at: datetime) -> None:
        """Give an authorization another refresh token; the one it had is remembered as spent."""
        mine = oauth_authorization.c.id == authorization_id
        held = select(oauth_authorization.c.refresh_digest, oauth_authorization.c.id).where(mine)
        self._connection.execute(
            insert(oauth_spent_refresh).from_select(["digest", "authorization_id"], held)
        )
        values = {"refresh_digest": refresh_digest, "refresh_issued_at": issued_at}
        self._connection.execute(update(oauth_authorization).where(mine).values(values))

    def used(self, authorization_id: str, at: datetime) -> None:
        """Count a use of an authorization."""
        _USED.run(self._connection, {"authorization": authorization_id, "at": at})

    def authorizations(
        self, org_id: str, *, consumer_key: str | None = None, user_id: str | None = None
    ) -> tuple[Authorization, ...]:
        """Return authorizations, the longest unused first."""
        table = oauth_authorization
        query = select(table).where(table.c.org_id == org_id)
        if consumer_key is not None:
            query = query.where(table.c.consumer_key == consumer_key)
        if user_id is not None:
            query = query.where(table.c.user_id == user_id)
        rows = self._connection.execute(query.order_by(table.c.last_used_at, table.c.id)).mappings()
        return tuple(_authorization(row) for row in rows)

    def scan(self, org_id: str, *, user_id: str | None = None) -> Iterator[Authorization]:
        """Yield authorizations by id, as they are read: of all users, or of one."""
        table = oauth_authorization
        query = select(table).where(table.c.org_id == org_id)
        if user_id is not None:
            query = query.where(table.c.user_id == user_id)
        last = ""
        while True:
            chunk = query.where(table.c.id > last).order_by(table.c.id).limit(_SCANNED)
            rows = self._connection.execute(chunk).mappings().all()
            yield from map(_authorization, rows)
            if len(rows) < _SCANNED:
                return
            last = rows[-1]["id"]

    def end(self, authorization_id: str) -> None:
        """End an authorization with its refresh and access tokens."""
        self._delete(oauth_authorization, oauth_authorization.c.id == authorization_id)

    def end_consumer(self, org_id: str, consumer_key: str) -> int:
        """End everything that was issued under a consumer key; returns how many authorizations that were."""
        for table in (oauth_access_token, oauth_code, oauth_approval, oauth_device_code):
            self._delete(table, (table.c.org_id == org_id) & (table.c.consumer_key == consumer_key))
        table = oauth_authorization
        return self._delete(table, (table.c.org_id == org_id) & (table.c.consumer_key == consumer_key))

    def move_consumer(self, org_id: str, old: str, new: str) -> None:
        """Hand tokens and approvals of a consumer key over to another one; codes live for minutes only."""
        for table in (oauth_access_token, oauth_approval, oauth_authorization):
            mine = (table.c.org_id == org_id) & (table.c.consumer_key == old)
            self._connection.execute(update(table).where(mine).values(consumer_key=new))

    def _delete(self, table: Table, where: ColumnElement[bool]) -> int:
        return self._connection.execute(delete(table).where(where)).rowcount

    # --- access tokens ----------------------------------------------------------------------------------

    def issue(self, token: AccessToken) -> None:
        """Add an access token."""
        values = {
            "digest": token.digest,
            "org_id": token.org_id,
            "consumer_key": token.consumer_key,
            "user_id": token.user_id,
            "scopes": _written(token.scopes),
            "flow": token.flow.value,
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "authorization_id": token.authorization_id,
        }
        _ISSUE.run(self._connection, values)

    def access_token(self, digest: str) -> AccessToken | None:
        """Return an access token, expired ones too."""
        row = _ACCESS.one(self._connection, {"key": digest})
        if row is None:
            return None
        return AccessToken(
            digest=row["digest"],
            org_id=row["org_id"],
            consumer_key=row["consumer_key"],
            user_id=row["user_id"],
            scopes=tuple(row["scopes"]),
            flow=Flow(row["flow"]),
            issued_at=row["issued_at"],
            expires_at=row["expires_at"],
            authorization_id=row["authorization_id"],
        )

    def org_of(self, digest: str) -> str | None:
        """Return the org in which a refresh token, a code or a device code was issued."""
        for table, column in _ISSUED:
            found: str | None = self._connection.execute(
                select(table.c.org_id).where(column == digest)
            ).scalar_one_or_none()
            if found is not None:
                return found
        return None

    def end_access_token(self, digest: str) -> None:
        """End one access token."""
        self._delete(oauth_access_token, oauth_access_token.c.digest == digest)

    # --- codes ------------------------------------------------------------------------------------------

    def add_code(self, code: Code) -> None:
        """Add an authorization code."""
        self._connection.execute(
            insert(oauth_code).values(
                digest=code.digest,
                org_id=code.org_id,
                consumer_key=code.consumer_key,
                user_id=code.user_id,
                scopes=list(code.scopes),
                callback_url=code.callback_url,
                nonce=code.nonce,
                challenge=code.challenge,
                auth_time=code.auth_time,
                expires_at=code.expires_at,
            )
        )

    def code(self, digest: str) -> Code | None:
        """Return a code, used and expired ones too, locked until the unit ends."""
        row = self._one(select(oauth_code).where(oauth_code.c.digest == digest).with_for_update())
        if row is None:
            return None
        return Code(
            digest=row["digest"],
            org_id=row["org_id"],
            consumer_key=row["consumer_key"],
            user_id=row["user_id"],
            scopes=tuple(row["scopes"]),
            callback_url=row["callback_url"],
            nonce=row["nonce"],
            challenge=row["challenge"],
            auth_time=row["auth_time"],
            expires_at=row["expires_at"],
            authorization_id=row["authorization_id"],
            used=row["used"],
        )

    def redeem_code(self, digest: str, authorization_id: str | None) -> None:
        """Remember that a code was used, and what it was redeemed for."""
        values = {"used": True, "authorization_id": authorization_id}
        self._connection.execute(update(oauth_code).where(oauth_code.c.digest == digest).values(values))

    # --- approvals --------------------------------------------------------------------------------------

    @staticmethod
    def _approval_of(org_id: str, consumer_key: str, user_id: str) -> ColumnElement[bool]:
        table = oauth_approval
        mine = (table.c.org_id == org_id) & (table.c.consumer_key == consumer_key)
        return mine & (table.c.user_id == user_id)

    def approval(self, org_id: str, consumer_key: str, user_id: str) -> Approval | None:
        """Return what a user has approved of an app."""
        row = self._one(select(oauth_approval).where(self._approval_of(org_id, consumer_key, user_id)))
        if row is None:
            return None
        return Approval(
            consumer_key=row["consumer_key"],
            user_id=row["user_id"],
            scopes=frozenset(row["scopes"]),
            approved_at=row["approved_at"],
        )

    def approve(self, org_id: str, approval: Approval) -> None:
        """Remember an approval; further scopes are added to those that were approved before."""
        key = {"org_id": org_id, "consumer_key": approval.consumer_key, "user_id": approval.user_id}
        values = {"scopes": sorted(approval.scopes), "approved_at": approval.approved_at}
        # In one step: whoever clicks twice, or in two tabs, approves twice at the same moment.
        before, _at = found_or_put(self._connection, oauth_approval, key, values)
        values["scopes"] = sorted(approval.scopes | frozenset(before))
        mine = self._approval_of(org_id, approval.consumer_key, approval.user_id)
        self._connection.execute(update(oauth_approval).where(mine).values(values))

    # --- device codes -----------------------------------------------------------------------------------

    def add_device_code(self, code: DeviceCode) -> None:
        """Add a device code."""
        self._connection.execute(
            insert(oauth_device_code).values(
                digest=code.digest,
                org_id=code.org_id,
                user_code=code.user_code,
                consumer_key=code.consumer_key,
                scopes=list(code.scopes),
                expires_at=code.expires_at,
                state=code.state.value,
            )
        )

    def device_code(self, digest: str) -> DeviceCode | None:
        """Return a device code by its digest, locked until the unit ends."""
        query = select(oauth_device_code).where(oauth_device_code.c.digest == digest)
        row = self._one(query.with_for_update())
        return _device(row) if row else None

    def by_user_code(self, org_id: str, user_code: str) -> DeviceCode | None:
        """Return the device code that waits under a user code, locked until the unit ends."""
        table = oauth_device_code
        mine = (table.c.org_id == org_id) & (table.c.user_code == user_code)
        row = self._one(select(table).where(mine).with_for_update())
        return _device(row) if row else None

    def save_device_code(self, code: DeviceCode) -> None:
        """Write state, user and last poll."""
        values = {"state": code.state.value, "user_id": code.user_id, "polled_at": code.polled_at}
        mine = oauth_device_code.c.digest == code.digest
        self._connection.execute(update(oauth_device_code).where(mine).values(values))

    # --- assertions and keys ----------------------------------------------------------------------------

    def spend_assertion(self, org_id: str, consumer_key: str, jti: str, expires_at: datetime) -> bool:
        """Remember a JWT's id until it expires; False where it was there already."""
        digest = hashlib.sha256(f"{consumer_key}\0{jti}".encode()).hexdigest()
        # In one step: two that bring the same at the same moment must not both find that it is new.
        key = {"org_id": org_id, "digest": digest}
        return put_first(self._connection, oauth_assertion, key, {"expires_at": expires_at})

    def signing_key(self, org_id: str) -> tuple[SigningKey, str] | None:
        """Return the newest signing key with its private JWK (JSON), None where the org has none yet."""
        table = oauth_signing_key
        newest = select(table).where(table.c.org_id == org_id).order_by(table.c.created_at.desc()).limit(1)
        row = self._one(newest)
        if row is None:
            return None
        return _signing_key(row), self._vault.unseal(_identity(row["key_id"]), row["sealed"]).decode()

    def signing_keys(self, org_id: str) -> tuple[SigningKey, ...]:
        """Return an org's signing keys, the newest first."""
        table = oauth_signing_key
        query = select(table).where(table.c.org_id == org_id).order_by(table.c.created_at.desc())
        return tuple(_signing_key(row) for row in self._connection.execute(query).mappings())

    def add_signing_key(self, org_id: str, key: SigningKey, private_jwk: str) -> None:
        """Add a signing key; the private half is sealed."""
        self._connection.execute(
            insert(oauth_signing_key).values(
                key_id=key.key_id,
                org_id=org_id,
                public_jwk=key.public_jwk,
                sealed=self._vault.seal(_identity(key.key_id), private_jwk.encode()),
                created_at=key.created_at,
            )
        )

    def forget_expired(self, now: datetime, most: int) -> bool:
        """Delete access tokens, codes and assertions whose time has been over for a day.

        Args:
            now: the time.
            most: how many of each, so that nobody waits long for the writer.

        Returns:
            Whether there may be more.
        """
        more = False
        for table in (oauth_access_token, oauth_code, oauth_device_code, oauth_assertion):
            past = table.c.expires_at < now - _KEEP
            some = table.c.digest.in_(select(table.c.digest).where(past).limit(most))
            # The time once more: two orgs may have assertions of one digest.
            more |= self._delete(table, some & past) >= most
        return more
