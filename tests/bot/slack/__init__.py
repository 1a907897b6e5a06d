"""Slack: parsing, drawing, errors, the signed door."""
