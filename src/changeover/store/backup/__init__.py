"""Backups: everything an installation holds, as of one moment, in one file."""
