"""Turns meaning into cards: every sentence the bot utters is here, zh and en."""
