"""Salesforce's own APIs over HTTP: a thin edge around `changeover.salesforce`."""
