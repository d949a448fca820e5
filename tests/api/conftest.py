"""One server for all tests of the API that only ask it questions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..server import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()
