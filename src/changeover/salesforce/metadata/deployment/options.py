"""DeployOptions. Source: Metadata API guide, deploy()."""

from __future__ import annotations

from dataclasses import dataclass

from changeover.salesforce.soap.envelope import Node


@dataclass(frozen=True, kw_only=True)
class DeployOptions:
    """How to deploy. Options on Apex tests are taken and change nothing: a local org has no Apex."""

    rollback_on_error: bool = True
    """All or nothing. Our decision where a client does not say: Salesforce demands it of production orgs."""
    check_only: bool = False
    ignore_warnings: bool = False
    allow_missing_files: bool = False
    single_package: bool = False
    purge_on_delete: bool = False


def options_of(node: Node | None) -> DeployOptions:
    """Read options out of an envelope. Raises SoapFault for a boolean that is none."""
    given = node or Node("DeployOptions")
    return DeployOptions(
        rollback_on_error=given.flag("rollbackOnError", default=True),
        check_only=given.flag("checkOnly"),
        ignore_warnings=given.flag("ignoreWarnings"),
        allow_missing_files=given.flag("allowMissingFiles"),
        single_package=given.flag("singlePackage"),
        purge_on_delete=given.flag("purgeOnDelete"),
    )
