"""Small metadata files of the tests' own making."""

from __future__ import annotations

import zipfile
from pathlib import Path

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


def xml(root: str, inner: str) -> str:
    """A metadata file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{inner}\n</{root}>\n'


def connected_app(
    label: str = "Billing", key: str = "3MVG9.Billing", more: str = "", config: str = ""
) -> str:
    """A connected app that may be migrated."""
    return xml(
        "ConnectedApp",
        f"""    <contactEmail>admin@example.com</contactEmail>
    <label>{label}</label>
    {more}
    <oauthConfig>
        <callbackUrl>https://billing.example.com/callback</callbackUrl>
        <consumerKey>{key}</consumerKey>
        {config}
        <scopes>Api</scopes>
    </oauthConfig>""",
    )


def header(label: str = "Billing") -> str:
    """The header of an external client app."""
    return xml(
        "ExternalClientApplication",
        f"    <contactEmail>a@example.com</contactEmail>\n    <label>{label}</label>",
    )


def global_settings(app: str = "Billing", key: str = "3MVG9.Billing") -> str:
    """The global OAuth settings of an external client app."""
    return xml(
        "ExtlClntAppGlobalOauthSettings",
        f"<consumerKey>{key}</consumerKey><externalClientApplication>{app}</externalClientApplication>",
    )


def lay(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files into a folder."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def pack(file: Path, files: dict[str, str]) -> Path:
    """Write files into a zip archive."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return file


def found(root: Path) -> dict[str, bytes]:
    """All files of a folder, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
