"""Salesforce files and documents: XML reader and writer, packages, archives, references to apps."""
