"""Messages of the command line: to the person, on stderr."""

import sys
from contextlib import suppress

from ..output.escapes import in_message


def message(*lines: str) -> None:
    """Write to the person, not to the program, as far as stderr takes it."""
    with suppress(OSError):
        print("cachecost:", "\n".join(map(in_message, lines)), file=sys.stderr, flush=True)
