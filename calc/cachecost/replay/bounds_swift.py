"""What bounds need of millions of requests, over arrays."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BadWorkload
from ..files.installed import install
from .binned import binned
from .bounds import Bounds
from .columns import Columns
from .tally import REQUESTS, Key

try:
    import numpy as np
except ImportError:
    raise BadWorkload(f"replay: counting over arrays needs numpy: {install('fast')}") from None


def feed(bounds: Bounds, keys: Sequence[Key], columns: Columns) -> None:
    """Add requests one by one, as `Bounds.add` does; `key` are places in `keys`."""
    texts, size = bounds.texts, len(keys)
    least = np.array([bounds.least(key) for key in keys], np.int64)
    small = columns.prompt < least[columns.key]
    for tally, mine in ((texts.plain, small), (texts.open, ~small)):
        for key, tokens in zip(keys, binned(columns.key[mine], columns.prompt[mine], size), strict=True):
            tally.add(key, "input", tokens)
    told = zip(keys, binned(columns.key, columns.output, size), binned(columns.key, None, size), strict=True)
    for key, output, requests in told:
        texts.plain.add(key, "output", output)
        texts.plain.add(key, REQUESTS, requests)
    for place in np.unique(columns.key[~small]):
        texts.long(keys[place].sheet, int(columns.prompt[~small & (columns.key == place)].max()))
