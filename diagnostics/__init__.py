"""What do the numbers mean? Pure functions on values: no network, no database, no clock."""
