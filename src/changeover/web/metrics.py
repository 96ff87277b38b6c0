"""Metrics for Prometheus at `/metrics`: only where the operator has set a token, and only for who brings it.

An address on loopback would not do as a proof: behind a proxy all the world comes from there.

With several processes each counts into files that all can read (Prometheus' own multiprocess mode,
`PROMETHEUS_MULTIPROC_DIR`), so whichever process answers tells the sum. What the database knows is asked of
it: that is right whoever did it, a worker or a command line among them.
"""

from __future__ import annotations

import hmac
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.base import DefineMiddleware
from litestar.plugins.prometheus import PrometheusConfig
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from changeover.oauth.call import bearer
from changeover.org.audit import Event
from changeover.org.ports import Units
from changeover.web.services import Services

PATH = "/metrics"
_MOST_BATCHES = 10_000
"""The newest of an org."""
SHARED = "PROMETHEUS_MULTIPROC_DIR"
COUNTED = {
    "migrated": Event.CONNECTED_APP_MIGRATED,
    "reverted": Event.EXTERNAL_CLIENT_APP_DELETED,
}


class House(Collector):
    """What the database knows: migrations and batches, of all orgs together."""

    def __init__(self, units: Units) -> None:
        self._units = units

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics as they are now."""
        migrations = CounterMetricFamily(
            "changeover_migrations",
            "Apps migrated, and external client apps deleted again, by whichever door.",
            labels=("outcome",),
        )
        apps = GaugeMetricFamily(
            "changeover_batch_apps", "Apps in batches, by what became of them.", labels=("kind", "result")
        )
        batches = GaugeMetricFamily(
            "changeover_batches", "Batches, by how they stand.", labels=("kind", "state")
        )
        with self._units.read() as unit:
            orgs = [org.org_id for org in unit.orgs.list()]
            for outcome, event in COUNTED.items():
                migrations.add_metric((outcome,), sum(unit.audit.count(org, event.value) for org in orgs))
            standing: Counter[tuple[str, str]] = Counter()
            done: Counter[tuple[str, str]] = Counter()
            for batch in (one for org in orgs for one in unit.batches.list(org, limit=_MOST_BATCHES)):
                kind = batch.kind.value
                standing[kind, batch.state.value] += 1
                done.update({(kind, result): number for result, number in batch.results.items()})
        for labels, number in standing.items():
            batches.add_metric(labels, number)
        for labels, number in done.items():
            apps.add_metric(labels, number)
        yield from (migrations, batches, apps)


@get(PATH, sync_to_thread=True, opt={"skip_session": True})
def metrics(request: Request[Any, Any, Any]) -> Response[bytes | str]:
    """Return the metrics to who brings the token."""
    services = cast("Services", request.app.state.services)
    brought = bearer(request.headers.get("authorization", "")) or ""
    wanted = services.metrics_token or ""
    if not wanted or not hmac.compare_digest(brought.encode(), wanted.encode()):
        headers = {"WWW-Authenticate": "Bearer"}
        return Response(
            "The metrics' token is missing or wrong.\n",
            status_code=401,
            media_type="text/plain",
            headers=headers,
        )
    told = CollectorRegistry()
    told.register(House(services.units))
    counted = REGISTRY
    if SHARED in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return Response(generate_latest(counted) + generate_latest(told), media_type=CONTENT_TYPE_LATEST)


def routes(services: Services) -> tuple[HTTPRouteHandler, ...]:
    """Return the route, none where no token is set: then there is nothing to find."""
    return (metrics,) if services.metrics_token else ()


def middleware(services: Services) -> tuple[DefineMiddleware, ...]:
    """Return what counts requests and their time by route template, method and status."""
    if not services.metrics_token:
        return ()
    config = PrometheusConfig(app_name="changeover", prefix="changeover_http", group_path=True)
    return (config.middleware,)
