"""The account: where each leaf went, and where each leaf of the result came from."""

from __future__ import annotations

from typing import Annotated, Self

from msgspec import Meta, Struct, field

from changeover.apps.document import Leaf
from changeover.apps.secrets import MASK, is_secret, masked
from changeover.migration import account as accounts
from changeover.migration.account import Kind


class AccountEntry(Struct, frozen=True, kw_only=True):
    """What became of one leaf of the connected app, or of one reference to it."""

    source: Annotated[
        str, Meta(description="Leaf path in the connected app; of a reference: file, colon, leaf path there.")
    ]
    kind: Kind
    targets: Annotated[
        tuple[str, ...], Meta(description="Leaves of the result.", examples=[["App_oauth.ecaOauth/label"]])
    ]
    from_value: Annotated[str, Meta(description="The source's value; a secret is masked.")] = field(
        name="from"
    )
    to: Annotated[tuple[str, ...], Meta(description="The values of the targets, in their order.")]
    note: Annotated[str, Meta(description="What one should know; of what is lost, the consequence.")]

    @classmethod
    def of(cls, entry: accounts.Entry) -> Self:
        """Return the shape of an entry."""
        # What was made of a secret is a secret, whatever its place is called.
        hidden = is_secret(entry.source)
        return cls(
            source=entry.source,
            kind=entry.kind,
            targets=tuple(str(target) for target in entry.targets),
            from_value=masked(Leaf(entry.source, entry.value)),
            to=tuple(
                MASK if hidden and target.value else masked(Leaf(target.path, target.value))
                for target in entry.targets
            ),
            note=entry.note,
        )


class Added(Struct, frozen=True, kw_only=True):
    """A leaf of the result that comes from no leaf of the connected app."""

    target: str
    value: str
    why: str

    @classmethod
    def of(cls, added: accounts.Added) -> Self:
        """Return the shape of an added leaf."""
        target = added.target
        return cls(target=str(target), value=masked(Leaf(target.path, target.value)), why=added.why)


class Account(Struct, frozen=True, kw_only=True):
    """Both ways: an entry for every leaf and reference of the source, and every other leaf written."""

    account: tuple[AccountEntry, ...]
    added: tuple[Added, ...]

    @classmethod
    def of(cls, account: accounts.Account) -> Self:
        """Return the shape of an account."""
        return cls(
            account=tuple(AccountEntry.of(each) for each in account.entries),
            added=tuple(Added.of(each) for each in account.added),
        )
