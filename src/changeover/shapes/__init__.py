"""What the doors that speak JSON show: one shape for the bodies of REST and for the command line's `--json`.

Each shape is a msgspec Struct with a class method `of` that makes it from the records of `org`. Its fields
are part of the contract with programs: none is renamed or dropped within `/api/v1`.
"""
