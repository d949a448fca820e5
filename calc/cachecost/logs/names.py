"""The names that logs have for models, and the price sheet each of them means, as `catalog/spellings.py` reads them.

For names that mean none the nearest are suggested, and an alias settles it.
"""

from collections.abc import Mapping

from ..catalog.catalog import Catalog
from ..errors import UnknownModel
from ..prices.sheet import PriceSheet


class Names:
    """Sheets by the names of logs, each pair of model and provider looked up once."""

    def __init__(self, catalog: Catalog, *, aliases: Mapping[str, str] | None = None) -> None:
        self._catalog = catalog
        self._aliases = dict(aliases or {})
        self._found: dict[tuple[str, str], PriceSheet | UnknownModel] = {}

    def knows(self, name: str) -> bool:
        """Whether an alias says what a name means."""
        return name in self._aliases

    def sheet(self, model: str, provider: str = "") -> PriceSheet:
        """The sheet that the log's name means; UnknownModel with the nearest names where none claims it.

        A named provider's own page is meant and never another's; without one, the page of the model's maker.
        """
        sheet = self._found.get((model, provider))
        if sheet is None:
            sheet = self._found[model, provider] = self._look_up(model, provider)
        if isinstance(sheet, UnknownModel):
            raise UnknownModel(sheet.name, sheet.nearest)
        return sheet

    def _look_up(self, model: str, provider: str) -> PriceSheet | UnknownModel:
        for alias in (f"{provider}/{model}", model):
            if alias in self._aliases:
                return self._catalog.sheet(self._aliases[alias])
        try:
            return self._catalog.meant(model, provider)
        except UnknownModel as error:
            return UnknownModel(error.name, error.nearest)  # without its frames
