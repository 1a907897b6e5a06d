"""Feishu and Lark: what the chat says and hears there. Nothing here imports the SDK at start."""
