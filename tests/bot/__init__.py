"""The outer ring: settings, schedule, delivery, commands, threads."""
