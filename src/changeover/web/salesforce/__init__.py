"""Salesforce's REST and SOAP APIs over HTTP: a thin edge around `changeover.salesforce`."""
