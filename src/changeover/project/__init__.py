"""A folder or zip of files as a place where apps live; Login History files; conversion of files."""
