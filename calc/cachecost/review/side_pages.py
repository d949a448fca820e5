"""Pages beside the price sheets, read into pydantic models."""

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from ..files.reading import exists
from ..files.yaml_text import read_side_file

T = TypeVar("T")
_MISSING, _TEXT = "missing; it has to be given", "expected a text"
_MESSAGES = {"missing": _MISSING, "missing_argument": _MISSING, "string_type": _TEXT, "string_too_short": _TEXT}


def validated(path: Path, kind: type[T]) -> T:
    """What a page holds, nothing of its kind where there is no page. Raises BadDocument with the line of the first
    fault."""
    if not exists(path):
        return kind()
    page = read_side_file(path)
    try:
        return TypeAdapter(kind).validate_python(page.tree or [])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = _MESSAGES.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise page.fault(message, *first["loc"]) from None
