"""Slack: cards out, what people do in, over Socket Mode or signed HTTP."""
