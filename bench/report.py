"""Time and memory of `changeover report` for many apps, in every format.

    python bench/report.py [APPS ...]

Makes projects of so many apps (1,000 and 10,000 by default), reports on each with a Login History of a login
an app, and prints the seconds, the most memory of any one process, and how much more the larger one takes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from apps import apps, write_project  # type: ignore[import-not-found]  # it lies beside this script
from changeover.cli.report_making import FORMATS

CHANGEOVER = Path(sys.executable).with_name("changeover")


def measure(project: Path, logins: Path, form: str) -> tuple[float, float]:
    """Report once; return seconds and megabytes."""
    target = project.with_name(f"report.{form}")
    command = ["report", str(project), "--login-history", str(logins), "-o", str(target)]
    started = time.perf_counter()
    process = os.posix_spawn(
        CHANGEOVER,
        [str(CHANGEOVER), *command],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in {0, 2}:
        sys.exit(f"changeover {' '.join(command)} failed")
    return time.perf_counter() - started, used.ru_maxrss / 1024


def main(counts: list[int]) -> None:
    """Measure every format with every count."""
    print("| format | apps | seconds | MB | MB, times the first |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="changeover-bench-") as folder:
        for form in FORMATS:
            first = 0.0
            for count in counts:
                project = Path(folder) / str(count)
                logins = project.with_name(f"{count}.csv")
                if not project.is_dir():
                    write_project(project, count)
                    rows = (f"005,2026-11-01T00:00:00Z,{app.label},OauthWebServer" for app in apps(count))
                    logins.write_text(
                        "\n".join(("UserId,LoginTime,Application,LoginSubType", *rows)), "utf-8"
                    )
                seconds, memory = measure(project, logins, form)
                first = first or memory
                print(
                    f"| {form} | {count} | {seconds:.1f} | {memory:.0f} | {memory / first:.2f} |", flush=True
                )


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [1_000, 10_000])
