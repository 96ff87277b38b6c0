"""Delivery settings and briefcases of a large org take as many statements as of a small one."""

from __future__ import annotations

from changeover.org.briefcases import assign, list_briefcases, save_briefcase
from changeover.org.model.beside_apps import NotificationType
from changeover.org.notifications import list_delivery_settings, save_notification_type, set_delivery
from tests.org.asked import statements
from tests.org.world import World, app


def test_however_many_apps_and_types_there_are(world: World) -> None:
    counts = []
    for number in (2, 12):
        names = [f"App{number}_{each}" for each in range(number)]
        world.bring(*(app(name) for name in names))
        for name in names:
            kind = NotificationType(api_name=f"Type_{name}", label=name, custom=True)
            world.do(save_notification_type, kind)
            world.do(set_delivery, kind.api_name, name, enabled=True)
            world.do(save_briefcase, f"Case_{name}", name)
            world.do(assign, f"Case_{name}", name)
        counts.append((statements(world, list_delivery_settings), statements(world, list_briefcases)))
    assert counts[0] == counts[1]
    assert max(counts[0]) < 8
