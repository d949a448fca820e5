"""What a shell completes: names of models, strategies, services, providers, and words of a list."""

import os
from collections.abc import Callable, Iterable

from ..catalog.catalog import Catalog
from ..questions.word import Word
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN

Completion = Callable[[str], Iterable[str]]
"""What typer takes as `autocompletion`: the values that a text may become."""
TTLS = ("5m", "30m", "1h")


def words_before() -> list[str] | None:
    """The words before the one that is being typed, where a shell asks what may follow; None where none does.

    Each shell hands them over in its own variables: https://typer.tiangolo.com/tutorial/options-autocompletion/
    """
    if "_CACHECOST_COMPLETE" not in os.environ:
        return None
    if "COMP_WORDS" in os.environ:
        return os.environ["COMP_WORDS"].split()[: int(os.environ.get("COMP_CWORD") or 0)]
    typed = os.environ.get("_TYPER_COMPLETE_ARGS", "")
    return typed.split() if typed[-1:].isspace() else typed.split()[:-1]


def models(incomplete: str) -> list[str]:
    """Models by their names, or those of a provider once its slash is typed."""
    names = Catalog().pages_by_name
    if "/" in incomplete:
        return _beginning(incomplete, {f"{provider}/{model}" for provider, model in names})
    return _beginning(incomplete, {model for _, model in names})


def providers(incomplete: str) -> list[str]:
    return _beginning(incomplete, Catalog().providers)


def strategies(incomplete: str) -> list[str]:
    timed = (f"{kind}:{ttl}" for kind in (WRITTEN, KEEP_ALIVE, SECOND_SIGHT) for ttl in TTLS)
    return _beginning(incomplete, [FRESH, AUTOMATIC, STORED, *timed])


def policies(incomplete: str) -> list[str]:
    return [*strategies(incomplete), *_beginning(incomplete, ["clairvoyant"])]


def services(incomplete: str) -> list[str]:
    """Every service that a page of the catalogue sells."""
    return _beginning(incomplete, Catalog().services)


def glossary(incomplete: str) -> list[str]:
    from ..output.answers.glossary import GLOSSARY

    return _beginning(incomplete, [entry.word for entry in GLOSSARY if " " not in entry.word])


VALUES: dict[str, Completion] = {
    "model": models,
    "switch_to": models,
    "strategy": strategies,
    "service": services,
    "provider": providers,
}
"""The values of a word, where they are not in its metavar as even|poisson|random are."""


def of(word: Word) -> Completion | None:
    """What completes the value of a word; None where any text may be its value."""
    choices = [choice for choice in word.metavar.split("|") if choice.islower()] if "|" in word.metavar else []
    return VALUES.get(word.name) or ((lambda incomplete: _beginning(incomplete, choices)) if choices else None)


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
