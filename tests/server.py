"""`cachecost serve` in a process, as tests that ask a real server start it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from .command import environment
from .conftest import PATIENCE, ROOT


class Server:
    """A server on a free port; its stderr is read to the end."""

    def __init__(self, *arguments: str | Path, first: str = "", **env: str) -> None:
        """`first` is code that runs in the server's process before it serves."""
        patient = f"from cachecost_api import app, limits; app.state.workers.seconds = limits.SLOW = {PATIENCE}"
        main = f"{patient}\n{first}\nfrom cachecost.cli import main\nimport sys\nmain(sys.argv[1:])"
        command = [sys.executable, "-c", main, "serve", "--port", "0", *map(str, arguments)]
        epoch = os.environ["SOURCE_DATE_EPOCH"]
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=environment(SOURCE_DATE_EPOCH=epoch, **env), cwd=ROOT
        )
        self.lines: list[dict[str, Any]] = []
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if result := re.search(r"running on (http://[0-9.:]+)", self.lines[-1]["message"]):
                self.url = result[1]
                break
        else:
            raise AssertionError(f"the server ended with {self.process.wait()}: {self.lines}")
        self._rest = threading.Thread(target=self._read)
        self._rest.start()

    def _read(self) -> None:
        assert self.process.stderr
        self.lines += [json.loads(line) for line in self.process.stderr]

    def get(self, path: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                with urlopen(self.url + path, timeout=PATIENCE) as answer:
                    result: str = answer.read().decode()
                return result
            except URLError:  # bound, not yet listening: a worker is still starting
                assert self.process.poll() is None, f"the server ended with {self.process.returncode}: {self.lines}"
                time.sleep(50 / 1000)
        raise AssertionError(f"{self.url} never listened")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self._rest.join(PATIENCE)
        assert self.process.stderr
        self.process.stderr.close()
        return code
