"""What is counted for a request and for a cache that is kept, so that a sheet's rates can be multiplied with it."""

from functools import lru_cache

from .usage import Quantity, Usage


class Meter:
    """Counts what a strategy uses: tokens and token-hours, as vendors do. `entry`: what follows the colon in its name:
    `5m` of `written:5m`, `ram` of `kept:ram`."""

    readings: tuple[str, ...] = ()
    """Other readings of what is counted, of which only a band is known."""
    assumed: tuple[str, ...] = ()
    """What is assumed of how much is used, in words."""
    cards: int = 0
    """Cards that do the work, where it is counted by their seconds; 0 where a vendor does it."""

    def request(
        self, plain: int, answer: int, kind: str = "", read: int = 0, entry: str = "", written: int = 0
    ) -> Usage:
        """A request with so many plain tokens, read tokens (of the `kind` of cache with a separate rate) and
        written ones."""
        return _request(plain, answer, kind, read, entry, written)

    def creation(self, tokens: int, line: str = "creation") -> Usage:
        """The creation of a cache of so many tokens, billed by a line."""
        return Usage.of_lines({line: tokens})

    def rented(self, entry: str) -> Usage:
        """What one unit of `size` uses in an hour for which a cache is kept."""
        return _ONE_TOKEN_HOUR

    def size(self, tokens: int, entry: str) -> Quantity:
        """Units that are rented for a cache of so many tokens."""
        return tokens

    def standing(self) -> Usage | None:
        """What is used in an hour whatever is asked; None where nothing is."""
        return None

    def doubts(self, prompt: int, answer: int, entry: str) -> tuple[str, ...]:
        """What to know before believing what is counted for requests of this size."""
        return ()


TOKENS = Meter()
_ONE_TOKEN_HOUR = Usage(storage=1)


@lru_cache(maxsize=4096)
def _request(plain: int, answer: int, kind: str, read: int, ttl: str, written: int) -> Usage:
    """One request. Alike on many models, so it is kept."""
    return Usage(
        input=plain,
        cache_read={kind: read} if kind and read else read,
        cache_write={ttl: written} if written else 0,
        output=answer,
    )
