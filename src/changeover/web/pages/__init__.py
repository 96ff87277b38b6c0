"""The pages, one module each. A new page is a module here, a line in `ROUTES`, and one in `web/setup.py`."""

from __future__ import annotations

from changeover.web.pages import assets, home, sign_in

ROUTES = (*assets.ROUTES, *home.ROUTES, *sign_in.ROUTES)
