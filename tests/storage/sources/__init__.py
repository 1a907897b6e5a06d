"""Tests of the sources: files and queries in, facts out."""
