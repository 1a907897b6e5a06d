"""Every sentence the bot utters."""
