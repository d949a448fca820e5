"""The command line as a test calls it: in this process, or as the installed script, away from the user's settings."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import rich.console  # noqa: F401  # it keeps the environment in which it is first loaded, which must be no test's

from cachecost.catalog.catalog import Catalog, default_folder
from cachecost.cli import main, options

from .conftest import PRICES, ROOT

SCRIPT = Path(sys.executable).with_name("cachecost")


_opened = options.catalog


@cache
def _read_once(folder: Path) -> Catalog:
    return Catalog(folder, in_memory=True)


def _catalog(prices: Path | None, discount: str = "", terms: str = "") -> Catalog:
    """The project's own sheets, which no test changes, are read once a process; all others by each command."""
    folder = prices or default_folder()  # the flag has what the environment says
    own = folder in (PRICES, ROOT / "pricing") and not (discount or terms)
    return _read_once(folder) if own else _opened(prices, discount, terms)


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert (self.code, self.err) == (0, ""), self.err
        return json.loads(self.out)

    @property
    def records(self) -> list[Any]:
        """Records one a line; exit 1 and a word on stderr where one of them is an error."""
        assert self.code in (0, 1), self.err
        result = [json.loads(line) for line in self.out.splitlines()]
        failed = sum("error" in each for each in result)
        messages = (
            f"cachecost: {failed:,} of {len(result):,} record{'' if len(result) == 1 else 's'} could not be priced\n"
        )
        assert (self.code, self.err) == ((1, messages) if failed else (0, ""))
        return result


class Stream(io.TextIOWrapper):
    """Bytes as a pipe or a terminal takes them."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        self.flush()
        result = self.buffer.getvalue()  # type: ignore[attr-defined]
        return str(result, "utf-8")


def run(
    *arguments: str | Path,
    stdin: bytes = b"",
    columns: int | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path = Path(__file__).parent,
) -> Ran:
    """The exit code and what was printed; with `columns` as on a terminal of that width."""
    out, err = Stream(terminal=columns is not None), Stream()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", environment(**env or {}))
        patch.chdir(cwd)
        if options.catalog is _opened:
            patch.setattr(options, "catalog", _catalog)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        if columns is not None:
            os.environ |= {"COLUMNS": str(columns), "TERM": "xterm-256color"}
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
    return Ran(int(left.value.code or 0), out.text(), err.text())


def environment(**more: str) -> dict[str, str]:
    """What a separate process may know: nothing of a person's settings or terminal."""
    ours = ("CACHECOST_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept |= {name: os.environ[name] for name in ("CACHECOST_CACHE", "CACHECOST_PRICES") if name in os.environ}
    return {**kept, "XDG_CONFIG_HOME": os.devnull, **more}


def script(*arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ran:
    """The same of the installed command, in a separate process."""
    ran = subprocess.run([SCRIPT, *arguments], input=stdin, capture_output=True, env=env or environment())
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def shelf(folder: Path, *models: str) -> Path:
    """A small catalogue of some of the project's pages, `provider/model` each, for what reads every page."""
    for model in models:
        page = folder / f"{model}.yaml"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes((PRICES / f"{model}.yaml").read_bytes())
    (folder / "token-ratios.yaml").write_bytes((ROOT / "pricing" / "token-ratios.yaml").read_bytes())
    return folder


def naming_modules(names: Sequence[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a fresh process whose page is in the cache; on stderr, which of these modules it has loaded."""
    code = (
        "import sys; from cachecost.cli import main\n"
        "try: main(sys.argv[1:])\n"
        f"finally: print([name for name in {names} if name in sys.modules], file=sys.stderr)"
    )
    run(*arguments)
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment())
