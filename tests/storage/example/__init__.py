"""The example workspace: its files, and what the rest of the house makes of them."""
