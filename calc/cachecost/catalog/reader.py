"""The text of one page -> its checked words, or every fault of it with its line: of a price sheet, and of the pages
beside them that have other shapes."""

import difflib
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from ..errors import BadSheet, Fault
from ..files.yaml_text import TO_GIVE, line_of, parts
from ..prices.sheet import Path, PriceSheet
from . import build, page, rules
from .composed import compose, named

W = TypeVar("W", bound=page.Words)
_EXPECTED = {
    "string_type": "expected text",
    "string_too_short": "expected text",
    "string_too_long": "expected at most {max_length} characters",
    "string_pattern_mismatch": "expected one word of letters, digits and . _ : @ + - (a slash in aliases only)",
    "list_type": "expected a list such as [one, two]",
    "dict_type": "expected keys with values written as {{key: value}}",
    "model_type": "expected keys with values ({known})",
    "too_short": "expected at least one",
    "greater_than": "expected a number above 0",
}


def read_text(text: str, *, file: str, resold: str = "") -> PriceSheet:
    """The sheet in a page's text; BadSheet with every fault of it. `resold`: the page whose rates it resells."""
    return build.compile_sheet(read_words(text, page.SheetWords, rules.faults, file=file, resold=resold))


def read_words(
    text: str, shape: type[W], faults: Callable[[W], Iterator[tuple[Path, str]]], *, file: str, resold: str = ""
) -> W:
    """The words of a page of this shape; BadSheet with every fault of it. `faults`: what is wrong with words of the
    right shape, by their paths."""
    tree, wrong = compose(text, file, resold)
    if tree is None:
        raise BadSheet(list(wrong))
    try:
        words = shape.model_validate(tree)
    except ValidationError as error:
        noted = {fault.line for fault in wrong}
        unfit = [fault for fault in _shape_faults(error, tree, file, shape) if fault.line not in noted]
        raise BadSheet([*wrong, *unfit]) from None
    if not wrong:
        wrong = [Fault(file, line_of(path, tree), named(path, message)) for path, message in faults(words)]
    if wrong:
        raise BadSheet(list(wrong))
    return words


def _shape_faults(wrong: ValidationError, tree: Any, file: str, shape: type[page.Words]) -> Iterator[Fault]:
    """What pydantic found, in this project's words. A key that is there, but misspelt, is not missing as well."""
    misspelt: set[Path] = set()
    errors = sorted(wrong.errors(include_url=False), key=lambda error: error["type"] == "missing")
    for error in errors:
        path = _written(error["loc"], tree)
        if error["type"] == "extra_forbidden":
            near, message = _unknown(path, shape)
            misspelt.add((*path[:-1], near))
        elif error["type"] == "missing":
            path = (*path, error["loc"][-1])
            message = named(path, f"missing; {TO_GIVE.get(str(path[-1]), 'it has to be given')}")
        else:
            message = named(path, _unfit(dict(error), path, shape))
        if error["type"] != "missing" or path not in misspelt:
            yield Fault(file, line_of(path, tree), message)


def _written(location: Path, tree: Any) -> Path:
    """The part of pydantic's location that is a path on the page; the rest are names of its types."""
    path: Path = ()
    for step in location:
        if step in parts(tree):
            path, tree = (*path, step), tree[step]
    return path


def _unknown(path: Path, shape: type[page.Words]) -> tuple[str, str]:
    """The known key that an unknown one resembles ("" where there is none), and the message."""
    owner, key = _owner(path[:-1], shape), str(path[-1])
    near = next(iter(difflib.get_close_matches(key.strip(), owner.model_fields, n=1)), "")
    hint = f"; did you mean {near}?" if near else ""
    # A no-break space, as a copy of a web page has it, is not seen unless it is written out.
    shown = key if key == key.strip() else ascii(key)
    return near, f"{shown or 'an empty key'} is not a {owner.noun} ({_known(owner)}){hint}"


def _unfit(error: dict[str, Any], path: Path, shape: type[page.Words]) -> str:
    """Why the value at a path cannot stand there."""
    value, context = error["input"], error.get("ctx", {})
    shown = repr(str(value)) if isinstance(value, str | Decimal) and value != path[-1] else ""
    if len(shown) > 80:
        shown = f"{shown[:60]}…'"
    if error["type"] == "literal_error":
        return f"{shown} is not one of {context['expected']}".strip()
    if error["type"] in _EXPECTED:
        said = _EXPECTED[error["type"]].format(**context, known=_known(_owner(path, shape)))
    else:
        said = error["msg"].removeprefix("Value error, ")
    return said if not shown or said.startswith(shown) else f"{shown}: {said}"


def _known(owner: Any) -> str:
    fields = owner.model_fields.items()
    return ", ".join(field.alias or name for name, field in fields if name not in owner.beside)


def _owner(path: Path, model: Any) -> Any:
    """The class of the mapping at a path."""
    for step in path:
        if isinstance(step, str) and step in model.model_fields:
            model = next(iter(_models(model.model_fields[step].annotation)), model)
    return model


def _models(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
