"""The one clock, for the doors alone: the engine is always told what time it is.

`SOURCE_DATE_EPOCH` (seconds since 1970, https://reproducible-builds.org/specs/source-date-epoch/) stops it, so that
a documented answer stays what it was. Builds of packages often set it to 1970 or 1980: a value before tokens were sold
is ignored.
"""

import os
import time
from datetime import UTC, date, datetime, timedelta

FIRST_SALE = datetime(2023, 3, 1, tzinfo=UTC)
"""The day from which tokens of an API have been sold: https://openai.com/index/introducing-chatgpt-and-whisper-apis/"""


def now() -> datetime:
    """This instant in UTC."""
    stopped = os.environ.get("SOURCE_DATE_EPOCH")
    if not stopped:
        return datetime.now(UTC)
    try:
        at = datetime.fromtimestamp(int(stopped), UTC)
    except (ValueError, OverflowError, OSError):
        from .errors import BadQuantity  # a line of a status bar need not wait for it

        raise BadQuantity(f"SOURCE_DATE_EPOCH: {stopped!r} is not a number of seconds since 1970") from None
    return at if at >= FIRST_SALE else datetime.now(UTC)


def nanoseconds() -> int:
    """This instant as file systems write it, in nanoseconds since 1970; never stopped."""
    return time.time_ns()


def today() -> date:
    """This day in UTC."""
    return now().date()


def latest_today() -> date:
    """This day where it begins first (UTC+14): a day after this one is nowhere today yet."""
    return (now() + timedelta(hours=14)).date()
