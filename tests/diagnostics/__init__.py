"""What the numbers mean, tested on real values."""
