"""What an org holds: frozen records. What the store keeps, the acts return, and the doors show."""
