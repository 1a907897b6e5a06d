"""What Slack takes in one message: its published limits, and the ones found by running into them."""

from __future__ import annotations

BLOCKS = 50
"""Blocks of one message."""
TOTAL_TEXT = 12_500
"""Characters of all blocks together; Slack answers `msg_blocks_too_long` a little above it."""
PLAIN_TEXT = 12_500
"""Characters of a message without blocks."""
SUMMARY = 3000
"""Characters of the notification text beside blocks."""
SECTION = 3000
FIELDS = 10
FIELD = 2000
HEADER = 150
NOTE = 2000
"""Characters of one small-print block."""
BUTTONS = 25
"""Elements of one row of buttons."""
VISIBLE_BUTTONS = 3
OVERFLOW = 5
OPTION_VALUE = 150
OPTION_TEXT = 75
OPTIONS = 100
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_WORD = 30
TABLES = 1
TABLE_ROWS = 100
"""Rows of a table, its headings among them."""
TABLE_COLUMNS = 20
CELL = 200
CHARTS = 2
CHART_TITLE = 50
CHART_CATEGORIES = 20
CHART_SERIES = 6
CHART_LABEL = 20
CHART_AXIS = 50
FOLD_TITLE = 150
FOLD_BLOCKS = 10
MODAL_TITLE = 24
MODAL_BLOCKS = 100
MODAL_STATE = 3000
"""Characters of a modal's private metadata."""
LABEL = 2000
PLACEHOLDER = 150
NOTE_LENGTH = 3000
"""Characters that one answer of a form may have."""
