"""The REST API under `/api/v1`: personal API tokens only, one module a resource.

A new resource is a module with its `OPERATIONS` here, and one line in `_MODULES`.
"""
