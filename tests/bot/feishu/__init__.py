"""The chat on Feishu, against a local server where a platform is needed."""
