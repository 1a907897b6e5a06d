"""Acceptance, written as tables of days: what happens, and what the team is told next morning."""
