"""Documents of a context, read once for all models while the person sees that it goes on."""

from pathlib import Path

from ..output.escapes import visible
from ..prices.sheet import PriceSheet
from ..questions.context import Counter, Length
from ..questions.words import Question
from .progress import working


def of_documents(words: Question, folder: Path) -> Counter:
    """What counts the tokens of the documents that `file` names, by the ratios in the folder of price sheets."""
    from ..documents.families import load_ratios
    from ..documents.folder import read
    from ..documents.tokens import count, family_of

    ratios = load_ratios(folder / "token-ratios.yaml")
    with working("reading documents"):
        document = read(words.file, words.exclude)
    name = visible(document.name) if document.name != "-" else "standard input"
    contents = visible(document.contents())

    def tokens(sheet: PriceSheet) -> Length:
        family = family_of(sheet.provider, sheet.model, ratios=ratios)
        with working("counting tokens"):
            counted = count(document.text, family=family, ratios=ratios)
        how = "exact" if counted.exact else f"{counted.low:,} to {counted.high:,}"
        text = f"{name}: {counted.tokens:,} tokens ({how}), {counted.method}"
        text += f"\n{contents}" if contents else ""
        return Length(counted.tokens, text, None if counted.exact else (counted.low, counted.high))

    return tokens
