"""A folder of price sheets, or the one that a git revision held."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import BadDocument
from ..files.reading import is_folder


@contextmanager
def prices_at(name: str, *, folder: Path, what: str = "folder") -> Iterator[Path]:
    """The folder `name`, or `folder` as it was at the git revision `name`, laid out in a temporary place. `what`: what
    the name may be besides a revision, for messages.

    Raises BadDocument where the name is neither, or git is not at hand.
    """
    if is_folder(Path(name)):
        yield Path(name)
        return
    outside = f"{name!r} is no {what}, and {folder} not in a git checkout"
    top = git(folder, "rev-parse", "--show-toplevel", wrong=outside).decode().strip()
    inside = folder.resolve().relative_to(Path(top).resolve()).as_posix()
    problem = f"{name!r} is neither a {what} nor a git revision that holds {inside}/"
    if name.startswith("-"):
        raise BadDocument(f"{problem}; expected a name such as HEAD~1 or main")
    packed = git(Path(top), "archive", "--format=tar", f"{name}^{{commit}}", "--", inside, wrong=problem)
    with TemporaryDirectory(prefix="cachecost-") as place:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            try:
                archive.extractall(place, filter="data")
            except tarfile.TarError as error:  # a link that leads out of the folder, for one
                raise BadDocument(f"{name}: {inside}/ cannot be laid out: {error}") from None
        yield Path(place) / inside


def git(where: Path, *arguments: str, wrong: str) -> bytes:
    """What a git command prints in a folder; BadDocument, beginning with `wrong`, where it fails."""
    try:
        ran = subprocess.run(["git", *arguments], cwd=where, capture_output=True, check=False)
    except OSError:
        raise BadDocument(f"{wrong}; git is not at hand") from None
    if ran.returncode:
        lines = ran.stderr.decode(errors="replace").strip().splitlines()
        raise BadDocument(f"{wrong}{': ' + lines[-1] if lines else ''}")
    return ran.stdout
