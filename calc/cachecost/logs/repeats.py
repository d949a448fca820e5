"""What has been read before: ids of requests as digests, and requests that may be seen again further on."""

from collections.abc import Iterator
from fractions import Fraction
from hashlib import blake2b

from ..replay.request import Request

REMEMBERED = 5_000_000
"""Ids of one generation: about 120 bytes each, and at most two generations are kept."""
HELD = 200_000
"""Requests held back for a larger repeat: about a kilobyte each."""


class Seen:
    """Ids that came before, as digests of 16 bytes. Beyond two generations the oldest are forgotten, and `forgot` says
    so."""

    def __init__(self, generation: int = REMEMBERED) -> None:
        self._size = generation
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()
        self.forgot = False

    def before(self, scope: str, identity: str) -> bool:
        """Whether the id came before; from now on it did."""
        digest = blake2b(f"{scope}\0{identity}".encode(errors="replace"), digest_size=16).digest()
        if digest in self._young or digest in self._old:
            return True
        if len(self._young) >= self._size:
            self.forgot = self.forgot or bool(self._old)
            self._old, self._young = self._young, set()
        self._young.add(digest)
        return False


class Growing:
    """Requests whose later records may tell more: the largest of each id is kept, at the time of the earliest."""

    def __init__(self, most: int = HELD) -> None:
        self._most = most
        self._pending: dict[tuple[str, str], Request] = {}

    def repeats(self, scope: str, request: Request) -> bool:
        """Whether a request of this id is held; the larger of the two then is."""
        key = (scope, request.id or "")
        waiting = self._pending.get(key)
        if waiting is None:
            return False
        if size(request) > size(waiting):
            times = [at for at in (waiting.at, request.at) if at]
            self._pending[key] = request._replace(at=min(times, default=None))
        return True

    def hold(self, scope: str, request: Request) -> Request | None:
        """Hold a new request; the oldest where there are too many."""
        self._pending[scope, request.id or ""] = request
        return self._pending.pop(next(iter(self._pending))) if len(self._pending) > self._most else None

    def release(self) -> Iterator[Request]:
        """All that are held, in the order in which they came."""
        waiting, self._pending = self._pending, {}
        yield from waiting.values()


def size(request: Request) -> int | Fraction:
    """What grows from record to record: the answer of a message, the rent of a cache."""
    return request.usage.output + next((count for name, count in request.usage.quantities if name == "storage"), 0)
