"""A document at an address: its type, its size, and where a redirect may lead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cachecost.documents import web
from cachecost.documents.text import document_of
from cachecost.errors import BadDocument


class Pages(BaseHTTPRequestHandler):
    """`/page` is HTML, `/notes` text, `/loop` leads to itself, `/file` to a file, `/big` is longer than it may be."""

    def do_GET(self) -> None:
        assert "Cookie" not in self.headers
        assert "Authorization" not in self.headers
        match self.path:
            case "/page":
                self._answer(200, b"<p>Seen<script>not</script>", "text/html; charset=utf-8")
            case "/notes":
                self._answer(200, b"Some notes", "text/plain")
            case "/loop" | "/there":
                self._answer(302, b"", "text/plain", "/loop" if self.path == "/loop" else "/notes")
            case "/file":
                self._answer(302, b"", "text/plain", "file:///etc/hostname")
            case "/big":
                self._answer(200, b"x" * 100, "text/plain")
            case _:
                self._answer(404, b"", "text/plain")

    def _answer(self, status: int, body: bytes, kind: str, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("path", "text"), [("/page", "Seen"), ("/notes", "Some notes"), ("/there", "Some notes")])
def test_an_address_is_read_by_its_type(site: str, path: str, text: str) -> None:
    assert document_of([site + path]).text == text


@pytest.mark.parametrize(
    ("path", "why"),
    [("/none", "404"), ("/loop", "302|redirect"), ("/file", "not allowed")],
)
def test_what_cannot_be_fetched_is_refused(site: str, path: str, why: str) -> None:
    with pytest.raises(BadDocument, match=why):
        document_of([site + path])


def test_an_address_is_read_up_to_a_size(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachecost.documents.text.LARGEST", 10)
    with pytest.raises(BadDocument, match="give a part of it"):
        document_of([f"{site}/big"])


def test_a_server_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadDocument, match="cannot be fetched"):
        document_of(["http://127.0.0.1:9/x"])


@pytest.mark.parametrize("address", ["http://user:secret@example.org/a.pdf", "https:///a.pdf"])
def test_an_address_holds_no_password_and_a_host(address: str) -> None:
    with pytest.raises(BadDocument, match="without a password"):
        document_of([address])


def test_no_redirect_leads_from_the_internet_into_a_private_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_is_private", lambda address: "10.0.0.1" in address)
    request = web.urllib.request.Request("https://example.org/a")
    with pytest.raises(BadDocument, match="private network"):
        web._Redirects().redirect_request(request, None, 302, "", {}, "http://10.0.0.1/a")
