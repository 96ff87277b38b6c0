"""The report on an assessment: one core, written as HTML, CSV, JSON or SARIF."""
