"""How fast, how sure: measured, never asserted."""
