"""`pricing/self-hosted/` -> deployments: the model and the machine of a name such as `llama-3.1-70b@aws/p5.48xlarge:4`,
read from their pages when they are asked for."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..errors import BadQuantity, BadSheet, Fault, NotSold, UnknownModel
from ..prices.sheet import Path as Place
from ..selfhosted.architecture import Architecture, Layers, ParameterCounts
from ..selfhosted.deployment import (
    GB,
    GIB,
    NVME,
    RAM,
    Deployment,
    Efficiency,
    Engine,
    Estimate,
    Gpu,
    Machine,
    Rent,
    Tier,
)
from ..selfhosted.meter import DeploymentSheet, sheet_of
from . import hardware_page as page, hardware_rules as rules
from .page import Words
from .pages import GPUS, MACHINES, MODELS, hardware_of, line_of_name
from .reader import read_words

W = TypeVar("W", bound=Words)
HOURS_A_MONTH = 730
"""As clouds count them: 8,760 hours a year by 12."""
TERA = 10**12


class ModelPage(NamedTuple):
    """A model's page: its words and what the engine makes of them."""

    path: Path
    words: page.ModelWords
    architecture: Architecture


class Fleet:
    """The pages of self-hosted models and of machines in a folder. `text`: what reads a page, as BadSheet says why
    not."""

    def __init__(self, folder: Path, text: Callable[[Path], str], shown: Callable[[Path], str]) -> None:
        self.folder, self._text, self._shown = folder, text, shown
        self._models: dict[Path, ModelPage] = {}

    @cached_property
    def paths(self) -> list[Path]:
        """Every page, as they are when first looked for: the table of cards, machines, models."""
        return sorted(Path(page.path) for page in hardware_of(self.folder))

    def _pages_in(self, folder: str) -> list[Path]:
        return [path for path in self.paths if path.parent.name == folder]

    def faults(self, paths: Iterable[Path] = ()) -> list[Fault]:
        """What is wrong with these pages, or with all. Pages of machines are read with the table of cards."""
        wrong: list[Fault] = []
        readers: dict[str, Callable[[Path], object]] = {MACHINES: self._host, MODELS: self._model}
        for path in paths or self.paths:
            try:
                readers.get(path.parent.name, self._table)(path)
            except BadSheet as error:
                wrong += [fault for fault in error.faults if fault not in wrong]
        return wrong or list(self._claimed_twice())

    def _read(self, path: Path, shape: type[W], faults: Callable[[W], Iterator[tuple[Place, str]]]) -> W:
        return read_words(self._text(path), shape, faults, file=self._shown(path))

    @cached_property
    def gpus(self) -> page.GpusWords:
        return self._table(self.folder / GPUS)

    def _table(self, path: Path) -> page.GpusWords:
        return self._read(path, page.GpusWords, rules.gpus_faults)

    @cached_property
    def engine(self) -> Engine:
        words = self.gpus.engine
        efficiency: dict[str, Efficiency] = {name: _efficiency(each) for name, each in self.gpus.efficiency.items()}
        return Engine(words.share, words.reserve, words.block, words.batch, _band(words.decode), efficiency)

    def _host(self, path: Path) -> page.HostWords:
        words = self._read(path, page.HostWords, lambda words: rules.host_faults(words, self.gpus.cards))
        return self._under_its_name(path, words.host, words)

    def _model(self, path: Path) -> ModelPage:
        if path not in self._models:
            words = self._read(path, page.ModelWords, rules.model_faults)
            self._under_its_name(path, words.model, words)
            self._models[path] = ModelPage(path, words, architecture_of(words))
        return self._models[path]

    def _under_its_name(self, path: Path, name: str, words: W) -> W:
        if path.stem != name:
            raise BadSheet([Fault(self._shown(path), 1, f"holds {name}; expected the page {name}.yaml")])
        return words

    def models(self) -> list[ModelPage]:
        return [self._model(path) for path in self._pages_in(MODELS)]

    def machines(self) -> list[Machine]:
        hosts = map(self._host, self._pages_in(MACHINES))
        return [self._machine(host, each) for host in hosts for each in host.machines]

    def _claimed_twice(self) -> Iterator[Fault]:
        owners: dict[str, ModelPage] = {}
        for each in self.models():
            for name in (each.words.model, *each.words.aliases):
                owner = owners.setdefault(name, each)
                if owner is not each:
                    message = f"aliases: {name} is also claimed by {owner.words.model}; a name belongs to one page"
                    yield Fault(self._shown(each.path), line_of_name(self._text(each.path), name), message)

    def sheet(self, name: str) -> DeploymentSheet:
        """The sheet of `MODEL@HOST/MACHINE[:GPUS]`, or of `MODEL@MACHINE` where one host alone has a machine of that
        name. UnknownModel for a model or a machine without a page, BadQuantity for cards that it does not have."""
        model_name, _, place = name.rpartition("@")
        machine_name, colon, number = place.rpartition(":")
        if not colon:
            machine_name, number = place, ""
        model, machine = self.model(model_name), self.machine(machine_name)
        gpus = machine.gpus if not colon else int(number) if number.isdecimal() and len(number) < 5 else 0
        if not 1 <= gpus <= machine.gpus:
            cards = f"{machine.gpus} cards" if machine.gpus > 1 else "one card"
            raise BadQuantity(f"{machine.id} has {cards}, not {number!r}; expected :1 to :{machine.gpus}", word="model")
        return sheet_of(
            Deployment(model.architecture, machine, gpus, self.engine),
            label=model.words.name,
            checked=min(model.words.checked, machine.checked, self.gpus.checked),
            context=model.words.limits.context,
            confidence=model.words.confidence,
            note=model.words.note if model.words.confidence != "high" else None,
        )

    def model(self, name: str) -> ModelPage:
        path = self.folder / MODELS / f"{name}.yaml"
        if name and path in self.paths:
            return self._model(path)
        claims = [each for each in self.models() if name in each.words.aliases]
        if claims:
            return claims[0]
        names = [each.words.model for each in self.models()]
        near, listing = difflib.get_close_matches(name, names), "cachecost models --self-hosted"
        raise UnknownModel(name, near, what="a self-hosted model with a page", listing=listing)

    def deployments(self, at: datetime) -> Iterator[Deployment]:
        """Every model on the whole of every machine, where its heads can be split over the cards: machines with a rent
        in force at an instant, which is the last of their rents."""
        for each in self.machines():
            machine = replace(each, rents=tuple(rent for rent in each.rents if rent.effective <= at))
            for model in self.models() if machine.rents else ():
                deployment = Deployment(model.architecture, machine, machine.gpus, self.engine)
                with suppress(NotSold):
                    deployment.check()
                    yield deployment

    def machine(self, name: str) -> Machine:
        machines = self.machines()
        named = [each for each in machines if name in (each.id, each.name)]
        if len(named) == 1:
            return named[0]
        hosted = [each for each in machines if each.host == name]
        ids = [each.id for each in named or hosted or machines]
        near = ids if named or hosted else difflib.get_close_matches(name, ids, cutoff=0.5) or ids
        raise UnknownModel(name, near[:3], what="a machine with a page")

    def _machine(self, host: page.HostWords, words: page.MachineWords) -> Machine:
        card = self.gpus.cards[words.gpu]
        peak: dict[str, Fraction] = {name: Fraction(each) * TERA for name, each in {**card.peak, **words.peak}.items()}
        tiers = {name: _tier(each) for name in (RAM, NVME) if (each := getattr(words.tiers, name))}
        return Machine(
            host=host.host,
            name=words.machine,
            checked=host.checked,
            gpu=Gpu(words.gpu, card.name, card.memory, Fraction(card.bandwidth) * GB, peak),
            gpus=words.gpus,
            tiers=tiers,
            rents=tuple(_rent(each) for each in words.rate_cards),
            currency=host.currency,
            efficiency=_efficiency(words.efficiency) if words.efficiency else None,
        )


def architecture_of(words: page.ModelWords) -> Architecture:
    """The layers and parameters of a model's page without faults."""
    given = words.parameters
    if isinstance(given, page.ParametersWords):
        active = given.active or given.total
        parameters: ParameterCounts | None = ParameterCounts(given.total, active, given.prefill or active)
    else:
        parameters = None if given is None else ParameterCounts(given, given, given)
    return Architecture(words.model, tuple(map(_layers, words.layers)), parameters, words.weights)


def _layers(words: page.LayersWords) -> Layers:
    given = {name: value for name, value in words if value is not None and name not in ("rank", "rope", "note")}
    return Layers(**given | {"in_prefill": words.in_prefill == "yes"})


def _band(words: page.BandWords | page.ShareBand, unit: int = 1) -> Estimate:
    return Estimate(*(Fraction(each) * unit for each in (words.best, words.middle, words.worst)))


def _efficiency(words: page.EfficiencyWords) -> Efficiency:
    return Efficiency(_band(words.linear), _band(words.attention))


def _tier(words: page.TierWords) -> Tier:
    """The rent of a GB-hour, whatever the unit in which it is given."""
    per_gib, per_gb, per_month = words.rent_per_gib_hour, words.rent_per_gb_hour, words.rent_per_gb_month
    rent = Fraction(per_gib or 0) * GB / GIB + Fraction(per_gb or 0) + Fraction(per_month or 0) / HOURS_A_MONTH
    return Tier(words.size, rent, _band(words.load, GB))


def _rent(words: page.RentWords) -> Rent:
    per_hour, sources = Fraction(words.per_hour), tuple(words.source)
    return Rent(words.effective, per_hour, sources, words.seen, words.note, words.confidence)
