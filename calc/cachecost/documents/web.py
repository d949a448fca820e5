"""A document at an http(s) address, fetched with limits: on time, on size, on redirects and on where they lead."""

import ipaddress
import socket
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from ..errors import BadDocument

SECONDS = 20
"""Of silence after which the other side is given up."""
LONGEST = 300
"""Seconds in which a document must have come."""
PART = 1 << 20
REDIRECTS = 5
SUFFIXES = {
    "application/pdf": ".pdf",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects to http(s), and none from the internet into a private network."""

    max_redirections = REDIRECTS

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise BadDocument(f"{req.full_url}: leads to {newurl}; expected an http or https address")
        if _is_private(newurl) and not _is_private(req.full_url):
            raise BadDocument(f"{req.full_url}: leads into a private network, {newurl}; give that address itself")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_private(address: str) -> bool:
    """Whether a host, or one that its name stands for, is no public one. A name that is not known is no private one."""
    try:
        known = socket.getaddrinfo(urlsplit(address).hostname, None)
        return any(not ipaddress.ip_address(entry[4][0]).is_global for entry in known)
    except (OSError, ValueError):
        return False


def fetch(address: str, *, most: int) -> tuple[str, bytes]:
    """The name of the document at an address, with the suffix of its type, and its bytes, one more than `most` where it
    is longer. No cookie and no password is sent. Raises BadDocument."""
    parts = urlsplit(address)
    if not parts.hostname or "@" in parts.netloc:
        raise BadDocument(f"{address}: expected an address without a password, such as https://example.org/a.pdf")
    request = urllib.request.Request(address, headers={"User-Agent": "cachecost", "Accept": "*/*"})
    opener = urllib.request.build_opener(_Redirects)
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            data = _read(answer, most)
            kind = answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        error.close()
        raise BadDocument(f"{address}: the server says {error.code} {error.reason}; check the address") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise BadDocument(f"{address}: cannot be fetched ({reason}); check the address and the network") from None
    suffix = SUFFIXES.get(kind, "")
    return address if parts.path.lower().endswith(suffix) else f"{address}{suffix}", data


def _read(answer: IO[bytes], most: int) -> bytes:
    begun, parts, size = time.monotonic(), list[bytes](), 0
    while size <= most and (part := answer.read(min(PART, most + 1 - size))):
        parts.append(part)
        size += len(part)
        if time.monotonic() - begun > LONGEST:
            raise OSError(f"it takes over {LONGEST} seconds")
    return b"".join(parts)
