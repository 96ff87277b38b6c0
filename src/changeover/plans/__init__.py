"""Plan files: making one from files or from an org, reading it, applying it, taking it back.

What a plan says is in `changeover.migration.plan`. Here are the file, the result files beside it, and the two
places where a plan is applied: a local org, through its acts, and a folder of converted files.
"""
