"""Microsoft's SARIF validator, which knows GitHub's rules, from npm; it needs no network."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "node_modules" / "@microsoft" / "sarif-multitool-linux"


def schema() -> Any:
    """Return the JSON schema of SARIF 2.1.0 as the validator ships it."""
    return json.loads((PACKAGE / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))


def faults(file: Path) -> list[str]:
    """Validate a file with the rules of SARIF and of GitHub; return what is wrong, `rule: text` each."""
    tool = PACKAGE / "Sarif.Multitool"
    tool.chmod(0o755)  # npm's scripts are off, and its own would do this
    result = file.with_suffix(".validated.sarif")
    options = ["--rule-kind", "Sarif;Gh;Ghas", "--output", str(result), "--log", "ForceOverwrite"]
    command = [str(tool), "validate", str(file), *options]
    subprocess.run(command, check=False, capture_output=True, timeout=120)
    run = json.loads(result.read_text(encoding="utf-8-sig"))["runs"][0]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"], invocation
    found = run.get("results", [])
    return [f"{each['ruleId']}: {' '.join(each['message'].get('arguments', []))}" for each in found]
