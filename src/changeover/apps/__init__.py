"""What an app is: frozen dataclasses of connected and external client apps. No I/O, no clock, no randomness."""
