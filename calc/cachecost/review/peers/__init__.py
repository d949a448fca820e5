"""Public datasets of prices, each read by one small module out of its release or its file.

A module has `PATTERN`, the file in the release, and `rates(content, at)`: what such a file says at an instant, in our
words.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ..datasets import PeerRate
from . import aws, genai_prices, litellm, metergraph, model_prices, models_dev
from .package import parsed

DATASETS = {
    "litellm": litellm,
    "genai-prices": genai_prices,
    "model-prices": model_prices,
    "metergraph-core": metergraph,
    "models.dev": models_dev,
    "aws": aws,
}
"""Each dataset's module; the first four are packages of those names, the others files."""


def rates(dataset: str, path: Path | None, at: datetime) -> Iterator[PeerRate]:
    """Every rate of a release or file of a dataset, as installed where there is no path; BadDocument where it is
    another or none."""
    module = DATASETS[dataset]
    return parsed(path, lambda content: module.rates(content, at), package=dataset, pattern=module.PATTERN)
