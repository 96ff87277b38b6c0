"""`make campaign`."""

from __future__ import annotations

import logging
import os
import sys
import time

from tests.campaign.kills import on_postgresql, on_sqlite

CAMPAIGNS = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def main() -> None:
    """Run the campaigns that the environment asks for."""
    kills = int(os.environ.get("KILLS") or 200)
    seed = int(os.environ.get("SEED") or time.time_ns())
    asked = (os.environ.get("DATABASES") or " ".join(CAMPAIGNS)).split()
    logging.disable()
    for name in asked:
        started = time.monotonic()
        print(f"{name}: {kills} kills, seed {seed}", flush=True)  # noqa: T201 - it talks to who started it
        campaign = CAMPAIGNS[name](kills, seed)
        last = ", ".join(f"{count} after “{what}”" for what, count in campaign.told.most_common(8))
        print(f"{name}: {time.monotonic() - started:.0f} s; kills {last}", flush=True)  # noqa: T201 - the same
    sys.exit(0)


if __name__ == "__main__":
    main()
