"""What is remembered, and where numbers come from."""
