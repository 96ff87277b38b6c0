"""The runbook of the clicks in Setup, from a plan: as one HTML page, or as Markdown."""
