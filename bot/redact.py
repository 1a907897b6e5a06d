"""Keeps secrets out of the log, whatever a library puts into its messages."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from bot.settings import Settings

HIDDEN = "…"
_PATTERNS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|\b[tu]-[\w-]{20,}"
    r"|(?<=://)[^/\s:@]+:[^@\s]+(?=@)|(?<=access_key=)[^&\s]+|(?<=ticket=)[^&\s]+"
)


class Redact(logging.Filter):
    """Replaces the live secrets and whatever looks like one, in messages and in stack traces."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        values = [getattr(settings, name) for name in type(settings).model_fields]
        known = [one.get_secret_value() for one in values if isinstance(one, SecretStr)]
        self._known = sorted((one for one in known if len(one) > 5 and "://" not in one), key=len)
        self._format = logging.Formatter().formatException

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record; it always passes."""
        record.msg, record.args = self.clean(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = self.clean(record.exc_text or self._format(record.exc_info))
            record.exc_info = None
        return True

    def clean(self, text: str) -> str:
        """Return a text without secrets."""
        for one in reversed(self._known):
            text = text.replace(one, HIDDEN)
        return _PATTERNS.sub(HIDDEN, text)
