"""Files that a person names, read with a limit: whatever is wrong with one is a refusal in one line."""

import os
from errno import ELOOP
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from ..errors import BadDocument


def read(path: Path, *, most: int, expected: str, word: str = "") -> bytes:
    """The bytes of a regular file; BadDocument where there is none, it cannot be read, or it has over `most` bytes.

    Pipes and devices are refused, since they may never end. `expected`: what the file should hold.
    """
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise BadDocument(f"{path}: not a file, expected {expected}; check the path", word=word)
        with path.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            size = f"{status.st_size:,} bytes, expected at most {most // 1024**2:,} MB"
            raise BadDocument(f"{path}: {size}; give a part of it", word=word)
        return content
    except (FileNotFoundError, NotADirectoryError):
        raise BadDocument(f"{path}: no such file or folder, expected {expected}; check the path", word=word) from None
    except OSError as error:
        why = f"cannot be read ({error.strerror}), expected {expected}; check its name and permissions"
        raise BadDocument(f"{path}: {why}", word=word) from None


def is_there(path: Path) -> bool:
    """Whether a file that may be missing can be found; a folder into which this user may not look has none."""
    return os.path.exists(path)  # noqa: PTH110  # a Path raises before Python 3.14


def exists(path: Path) -> bool:
    """Whether there is anything under a path. Raises OSError where this user may not look or the name is too long; from
    Python 3.14 on a Path's own method says False."""
    return _mode(path) is not None


def is_file(path: Path) -> bool:
    """Whether it is a regular file or a link to one; raises as `exists` does."""
    return S_ISREG(_mode(path) or 0)


def is_folder(path: Path) -> bool:
    """Whether it is a folder or a link to one; raises as `exists` does."""
    return S_ISDIR(_mode(path) or 0)


def _mode(path: Path) -> int | None:
    """The mode of what is there, None where nothing is."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name with a null character
        return None
    except OSError as error:
        if error.errno == ELOOP:  # links that lead to each other
            return None
        raise


def files_in(folder: Path) -> list[Path]:
    """Every file in a folder and in those below it, sorted, without names that begin with a dot.

    BadDocument where one of the folders cannot be looked into: its files would be missing without a word.
    """

    def refused(error: OSError) -> None:
        raise BadDocument(f"{error.filename}: cannot be opened ({error.strerror}); check its permissions") from None

    files: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(files)
