"""Metrics: for nobody but who brings the token, right over processes, and without a name in any label."""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from changeover.errors import ChangeoverError
from changeover.web.app import create_app
from changeover.web.services import Services
from changeover.wiring import applications
from changeover.wiring.metering import count_together, have_shared_folder, metrics_token
from tests.attack.oauth.conftest import target
from tests.attack.oauth.target import BASE, OAUTH, Target, secrets
from tests.cli import test_serving
from tests.cli.test_serving import address, answered, serving
from tests.oauth.conftest import pair
from tests.oauth.endpoint import INTEGRATION, KEY
from tests.org.conftest import prepared, world
from tests.org.world import SECRET

__all__ = ["pair", "prepared", "target", "world"]

TOKEN = "a-token-for-metrics-0123456789"
GRANT = {"grant_type": "client_credentials"}


def client_of(target: Target, token: str | None) -> TestClient[Litestar]:
    house = target.world.house
    services = Services(
        units=house.units, key_values=house.key_values, clock=target.world.clock, metrics_token=token
    )
    return TestClient(create_app(services), base_url=BASE, raise_server_exceptions=False)


@pytest.fixture
def watched(target: Target) -> Target:
    target.client = client_of(target, TOKEN)
    return target


def told(client: TestClient[Litestar]) -> dict[str, float]:
    """Return every sample by its name and labels."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


def samples(text: str) -> dict[str, float]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_without_a_token_set_there_is_nothing(target: Target) -> None:
    client = client_of(target, None)
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
def test_nobody_sees_them_without_the_token(watched: Target, header: str) -> None:
    headers = {"Authorization": header.encode(), "X-Forwarded-For": b"127.0.0.1"}
    answer = watched.client.get("/metrics", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert "changeover_" not in answer.text


def test_a_users_session_or_api_token_shows_no_metrics(watched: Target) -> None:
    assert watched.signed_in().get("/metrics").status == 401
    token = watched.token(secrets(**GRANT)).json()["access_token"]
    assert watched.client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_logins_are_counted_by_flow_and_outcome(watched: Target) -> None:
    good = 'changeover_logins_total{flow="OauthClientCredentials",outcome="success"}'
    bad = 'changeover_logins_total{flow="OauthClientCredentials",outcome="client_unproven"}'
    before = told(watched.client)
    for secret in (SECRET, SECRET, "wrong"):
        watched.token(secrets(**GRANT, client_secret=secret))
    after = told(watched.client)
    assert after[good] - before.get(good, 0) == 2
    assert after[bad] - before.get(bad, 0) == 1


def test_limits_are_counted(watched: Target) -> None:
    hit = 'changeover_logins_limited_total{limit="client",why="failures"}'
    stopped = 'changeover_logins_stopped_total{limit="client"}'
    before = told(watched.client)
    for _ in range(13):
        watched.token(secrets(**GRANT, client_secret="wrong"))
    after = told(watched.client)
    assert after[hit] - before.get(hit, 0) == 3
    assert after[stopped] - before.get(stopped, 0) == 1


def test_requests_are_counted_by_route_and_not_by_address(watched: Target) -> None:
    for number in range(3):
        watched.client.get(f"/id/00Dxx{number}/005xx{number}")
        watched.client.get(f"/no/such/page/{number}")
    watched.token(secrets(**GRANT))
    after = told(watched.client)
    routes = {found[1] for name in after if (found := re.search(r'path="([^"]*)"', name))}
    assert f"{OAUTH}/token" in routes
    assert not [route for route in routes if "00Dxx" in route or "no/such" in route]
    assert any(name.startswith("changeover_http_request_duration_seconds_bucket") for name in after)


def test_migrations_are_counted_whoever_made_them(watched: Target) -> None:
    migrated, reverted = (
        f'changeover_migrations_total{{outcome="{what}"}}' for what in ("migrated", "reverted")
    )
    assert told(watched.client)[migrated] == 0
    watched.world.migrated()
    assert told(watched.client)[migrated] == 1
    from changeover.org.external_client_apps import delete_external_client_app  # noqa: PLC0415 - only here

    watched.world.do(delete_external_client_app, "Billing", confirmed=True, seen_version=None)
    after = told(watched.client)
    assert (after[migrated], after[reverted]) == (1, 1)


def test_batches_are_counted_by_state_and_result(watched: Target) -> None:
    from changeover.org.batch_runs import migrate_several  # noqa: PLC0415 - only here
    from tests.org.world import YES  # noqa: PLC0415 - only here

    world = watched.world
    outcomes = list(migrate_several(world.house.units, world.admin, ["Billing"], YES))
    after = told(watched.client)
    assert after['changeover_batches{kind="migrate",state="done"}'] == 1
    assert after[f'changeover_batch_apps{{kind="migrate",result="{outcomes[0].result}"}}'] == 1


def test_no_label_holds_a_name_or_a_secret(watched: Target) -> None:
    held = watched.tokens()
    watched.token({**GRANT, "client_id": "A-MADE-UP-KEY", "client_secret": "A-GUESS"})
    watched.token(secrets(grant_type="A-MADE-UP-GRANT"))
    watched.token(secrets(grant_type="password", username="a-made-up@user", password="A-GUESS"))
    watched.client.request("A-MADE-UP-METHOD", f"{OAUTH}/token")
    text = "\n".join(told(watched.client))
    for never in (
        KEY,
        SECRET,
        INTEGRATION,
        "Billing",
        "MADE-UP",
        "made-up",
        "GUESS",
        TOKEN,
        watched.world.org_id,
    ):
        assert never not in text
    assert held["access_token"] not in text


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_what_a_server_tells_is_the_sum_of_its_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    kept = test_serving.environment
    monkeypatch.setattr(
        test_serving, "environment", lambda data: {**kept(data), "CHANGEOVER_METRICS_TOKEN": TOKEN}
    )
    with serving(tmp_path, "--sample", *workers) as (_process, said):
        base = address(said)
        answered(f"{base}/sign-in")
        for _ in range(20):
            # A connection each, so that both processes get some.
            httpx.post(f"{base}{OAUTH}/token", data={"grant_type": "nonsense"}, timeout=60)
        time.sleep(0.2)
        seen = set()
        for _ in range(8):
            answer = httpx.get(f"{base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
            assert answer.status_code == 200
            seen.add(
                sum(
                    number
                    for name, number in samples(answer.text).items()
                    if name.startswith("changeover_http_requests_total") and f'path="{OAUTH}/token"' in name
                )
            )
        assert httpx.get(f"{base}/metrics", timeout=60).status_code == 401
    assert seen == {20.0}


@pytest.mark.parametrize("token", ["short", "with blanks in it, though long", "x" * 15, "é" * 20])
def test_a_token_that_keeps_nobody_out_is_refused(token: str) -> None:
    with pytest.raises(ChangeoverError) as caught:
        metrics_token({"CHANGEOVER_METRICS_TOKEN": token})
    assert caught.value.code == "E-METRICS-TOKEN"
    assert token not in str(caught.value)


def test_a_folder_that_is_named_and_missing_is_made(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every request that is counted would fail, logins among them."""
    folder = target.world.folder / "run" / "metrics"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    applications(target.world.house, hosts=frozenset(), base_url="")
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0
    have_shared_folder({})


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for named in ("file", "file/below"):
        with pytest.raises(ChangeoverError) as caught:
            have_shared_folder({"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / named)})
        assert caught.value.code == "E-OUTPUT-FAILED"
        assert "PROMETHEUS_MULTIPROC_DIR" in caught.value.message


def test_without_a_token_processes_share_no_folder(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    count_together(environment)
    assert environment == {}
    named = {"CHANGEOVER_METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    count_together(named)
    assert named["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path)
