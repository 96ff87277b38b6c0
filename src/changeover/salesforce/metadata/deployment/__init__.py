"""Deployment: from the zip of a client to what became of each component."""
