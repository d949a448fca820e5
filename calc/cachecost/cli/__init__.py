"""The command line, as the installed script calls it."""

import gc
import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. What a status bar asks is answered without loading commands, which takes longer than the
    answer; all else, and whatever is wrong, is up to `app.main`."""
    # pydantic would look for plugins in every package that is installed, which takes longer than reading a page
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # what a command makes lives until it ends: to search it for garbage every 700 objects took a tenth of the time
    gc.set_threshold(100_000, 50, 100)
    typed = sys.argv[1:] if arguments is None else list(arguments)
    if "--statusline" in typed:
        from . import snapshot

        if snapshot.printed(typed):
            sys.exit(0)
        from .statusline import answered

        if answered(typed):
            sys.exit(0)
    from . import app

    app.main(typed)
