"""`cachecost prices compare`, `watch` and `propose`: public datasets beside the catalogue, and what changed in them."""

from pathlib import Path
from typing import Annotated

import typer

from ...errors import BadDocument
from ...output.reply import Reply
from .. import options
from ..flags import answered
from .prices_pages import DRY

FILE = typer.Argument(metavar="FILE", help="A release or its file (default: as installed).")
NEW = typer.Option("--from", metavar="FILE", help="A release or its file, instead of the package index. Repeatable.")
PREVIOUS = typer.Option("--previous", metavar="FILE", help="The release to compare it with. Repeatable.")
BETWEEN = typer.Option("--between", metavar="DAY..DAY", help="When the two were released, where they do not say so.")
PACKAGES = typer.Option("--packages", metavar="DIR", help="Keep downloads there for the next time.")
BRANCH = typer.Option("--branch", metavar="NAME", help="Commit the pages on a new branch.")
WRITE = typer.Option("--write", help="Write watch.lock, where the next watch begins, and confirmed/.")


@answered
def compare(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Such as litellm or genai-prices.")],
    file: Annotated[Path | None, FILE] = None,
    as_of: options.AsOf = "",
    folder: options.Prices = None,
) -> Reply:
    """Where another dataset disagrees with our sheets, row by row, with our source. Exit 1 on unexplained differences.

    Example: cachecost prices compare litellm
    """
    from ...output.prices.datasets import agreement_reply
    from ...review.datasets import Ours, compared
    from ...review.peers import DATASETS, rates

    if dataset not in DATASETS:
        raise BadDocument(f"{dataset!r} is not a dataset known here; expected one of {', '.join(DATASETS)}")
    at = options.instant("as_of", as_of)
    return agreement_reply(compared(dataset, rates(dataset, file, at), Ours(options.catalog(folder), at)))


@answered
def watch(
    datasets: Annotated[list[str], typer.Argument(metavar="[DATASET]...", help="Default: all packages.")] = [],  # noqa: B006
    new: Annotated[list[Path], NEW] = [],  # noqa: B006
    previous: Annotated[list[Path], PREVIOUS] = [],  # noqa: B006
    between: Annotated[str, BETWEEN] = "",
    packages: Annotated[Path | None, PACKAGES] = None,
    write: Annotated[bool, WRITE] = False,
    folder: options.Prices = None,
) -> Reply:
    """What changed in public datasets and vendors' SDKs since the release looked at last, and what to do about it.

    A proposal has two independent sources or the vendor's page behind it; all else is a question.
    Example: cachecost prices watch litellm genai-prices
    """
    from ...output.prices.datasets import watch_reply
    from ..watching import remember, watched

    catalog = options.catalog(folder)
    answer = watched(catalog, datasets, new, previous, between, packages)
    if write:
        remember(catalog, answer)
    return watch_reply(answer)


def propose(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Or PROVIDER/ for all of a provider.")],
    new: Annotated[list[Path], NEW] = [],  # noqa: B006
    previous: Annotated[list[Path], PREVIOUS] = [],  # noqa: B006
    between: Annotated[str, BETWEEN] = "",
    packages: Annotated[Path | None, PACKAGES] = None,
    branch: Annotated[str, BRANCH] = "",
    dry_run: Annotated[bool, DRY] = False,
    folder: options.Prices = None,
) -> None:
    """Write the cards that `prices watch` proposes, check them, and print the text of the pull request.

    Example: cachecost prices propose mistral-large-4 --branch prices/mistral
    """
    from ..proposing import propose
    from ..watching import watched

    catalog = options.catalog(folder)
    answer = watched(catalog, [], new, previous, between, packages)
    print(propose(catalog, answer.changes, models, branch=branch, dry=dry_run))
