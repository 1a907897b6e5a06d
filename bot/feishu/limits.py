"""How much a Feishu card may hold, kept below what the platform claims."""

from __future__ import annotations

BYTES = 24 * 1024
"""UTF-8 of the card's JSON; the platform refuses at 30 KB, measured after its own expansion."""
ELEMENTS = 180
"""Parts with a tag, nested texts included; the platform refuses above 200."""
TABLES = 3
"""Tables of a card; more are said as lines. The platform refuses above 5."""
CHARTS = 5
"""Charts of a card; more are said as lines."""
DEPTH = 5
"""Containers within each other."""
BUTTONS_IN_ROW = 3
"""Buttons of the first row; the rest stands smaller in a second one."""
TABLE_PAGE = 10
"""Rows that a table shows before it turns the page."""
TITLE = 200
"""Characters of a title; a phone shows four lines at most."""
SUMMARY = 200
"""Characters of the notification."""
ANSWER = 1000
"""Characters of an answer in a form."""
SPAN = 1000
"""Characters of one run of words; nobody reads more of a name."""
TEXT = 6000
"""Characters of one Markdown element; further lines are counted, not shown."""
