"""What an app is: frozen dataclasses of connected and external client apps; no I/O, clock or randomness."""
