"""SOAP: envelopes read and written, faults, and the operations of the partner and enterprise APIs."""
