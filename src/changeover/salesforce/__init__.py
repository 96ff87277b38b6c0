"""The wire: Salesforce's REST and SOAP APIs over a local org, as Salesforce's own clients call them.

What an API shows and does goes through the acts of `changeover.org`; there is no web framework in here.
"""
