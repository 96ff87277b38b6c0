"""The Setup pages and the REST API, on Litestar and Jinja2."""
