"""How a file is written: beside its place and then renamed, so that a failure leaves the old file whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ..errors import BadDocument
from .reading import exists, is_file

LONGEST = 200
"""Characters of the temporary file's name that are taken from the file's; a name has room for 255 bytes."""


@contextmanager
def written(path: Path, word: str = "out") -> Iterator[IO[bytes]]:
    """A file to write bytes into, which takes the place of `path` once all of it is on the disk.

    A link is followed, the permissions of an existing file are kept, and pipes and devices are written to as they are.
    Where the writing fails nothing changes and nothing is left beside it; BadDocument names the `word` of the flag.
    """
    try:
        if _is_stream(path):
            with path.open("wb") as file:
                yield file
            return
        place = path.resolve()
        temporary = place.with_name(f".{place.name[:LONGEST]}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                _as_before(file.fileno(), place)
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(place)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        reason = getattr(error, "strerror", None) or error
        raise BadDocument(f"{path} cannot be written: {reason}; name a file that can", word=word) from None


def _is_stream(path: Path) -> bool:
    """Whether a path is a pipe, a device or a folder (which is then refused): nothing that can be renamed over.

    /dev/stdout may lead to a regular file that the shell has opened, and belongs to the shell.
    """
    return (path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))) or (exists(path) and not is_file(path))


def _as_before(file: int, place: Path) -> None:
    """Give a new file the permissions and, where that is allowed, the owner of the file that it will replace."""
    with suppress(FileNotFoundError):
        old = place.stat()
        with suppress(PermissionError):
            os.fchown(file, old.st_uid, old.st_gid)
        os.fchmod(file, old.st_mode & 0o7777)
