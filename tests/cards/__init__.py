"""One catalogue of messages, told by every renderer and compared with golden files."""
