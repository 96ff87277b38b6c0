"""The build hook: no wheel, and no editable install, without the pages' style sheet, icons and script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Runs tools/assets.py before anything is built; see [tool.hatch.build] for what then goes in."""

    PLUGIN_NAME = "assets"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the assets. Standard or editable (`version`) makes no difference."""
        del version, build_data
        sys.path.insert(0, self.root)
        from tools.assets import ensure  # noqa: PLC0415  # on the path only now

        ensure(Path(self.root))
