"""The terminal as a chat: what a channel would show, and a prompt to answer in."""
