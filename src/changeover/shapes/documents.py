"""Metadata documents: every leaf with its path, and the values typed under Salesforce's element names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias, Union

import msgspec
from msgspec import Meta, Struct

from changeover.apps import document as documents
from changeover.apps.building import from_leaves
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Document, elements
from changeover.apps.external_client_app import ExternalClientApp
from changeover.apps.secrets import masked
from changeover.apps.types import TYPES, component

_TYPES: dict[str, Any] = {
    "text": str | None,
    "boolean": bool | None,
    "integer": int | None,
    "many": tuple[str, ...],
}


class Leaf(Struct, frozen=True, kw_only=True):
    """One value of a metadata document."""

    path: Annotated[
        str,
        Meta(
            description="An XPath below the root element, counted from 1.", examples=["oauthConfig/scopes[2]"]
        ),
    ]
    value: Annotated[str, Meta(description="The element's text as it stands; a secret is masked.")]

    @classmethod
    def all_of(cls, document: Document) -> tuple[Self, ...]:
        """Return the leaves of a document in the order in which Salesforce writes them."""
        return tuple(cls(path=leaf.path, value=masked(leaf)) for leaf in documents.leaves(document))


@cache
def typed(cls: Any) -> Any:  # noqa: ANN401 - a class made at run time
    """Return the Struct that holds a document's or group's values under Salesforce's element names.

    A document's Struct bears the name of the metadata type in its field `type`. Elements that the class does
    not know stand only among the leaves.
    """
    fields: list[tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for element in elements(cls):
        names[element.attribute] = element.name
        kind: Any
        if element.group is None:
            kind = _TYPES[element.kind]
        elif element.kind == "one":
            kind = typed(element.group) | None
        else:
            kind = tuple[typed(element.group), ...]  # type: ignore[misc]  # made at run time
        fields.append((element.attribute, kind, () if element.repeats else None))
    is_document = issubclass(cls, Document)
    made = msgspec.defstruct(
        f"{cls.__name__}Metadata" if is_document else cls.__name__,
        fields,
        module=__name__,
        kw_only=True,
        frozen=True,
        omit_defaults=True,
        rename=names,
        tag_field="type" if is_document else None,
        tag=cls.__name__ if is_document else None,
    )
    made.__doc__ = cls.__doc__
    return made


if TYPE_CHECKING:
    ConnectedAppMetadata: TypeAlias = Struct
    ComponentMetadata: TypeAlias = Struct
else:
    ConnectedAppMetadata = typed(ConnectedApp)
    # One Struct a metadata type of the registry.
    ComponentMetadata = Union[  # noqa: UP007 - of types that are only known at run time
        tuple(typed(entry.document) for entry in TYPES if entry.document is not ConnectedApp)
    ]


def settings_of(document: Document) -> Any:  # noqa: ANN401 - see `typed`
    """Return a document's values typed. Secrets are left out."""
    kind = type(document)
    open_leaves = (leaf for leaf in documents.leaves(document) if masked(leaf) == leaf.value)
    shown = from_leaves(kind, document.full_name, open_leaves)
    made = typed(kind)  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
    return msgspec.convert(shown, made, from_attributes=True)


class Component(Struct, frozen=True, kw_only=True):
    """One metadata component of an external client app: its header, or a part."""

    name: Annotated[
        str, Meta(description="Full name and suffix.", examples=["Billing_glbloauth.ecaGlblOauth"])
    ]
    settings: Annotated[ComponentMetadata, Meta(description="Values under Salesforce's element names.")]
    leaves: tuple[Leaf, ...]

    @classmethod
    def all_of(cls, app: ExternalClientApp) -> tuple[Self, ...]:
        """Return the components of an external client app, the header first."""
        return tuple(cls.of(each) for each in app.documents)

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return the shape of one component."""
        return cls(name=component(document), settings=settings_of(document), leaves=Leaf.all_of(document))
