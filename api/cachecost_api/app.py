"""Routes: each parses its words, asks the engine, and answers with the same record as the command line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response

from cachecost import ask, clock, quantities
from cachecost.catalog import Catalog
from cachecost.compare import compare
from cachecost.errors import BadSheet, CachecostError, UnknownModel
from cachecost.render import record

PROBLEM = "application/problem+json"
Words = Annotated[str, Query(max_length=64)]


class Records(Response):
    """JSON as the command line writes it: money as exact text, unknown as null."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False).encode()


def create_app(prices: Path | None = None) -> FastAPI:
    """The application over a folder of price sheets (default: as for the command line)."""
    app = FastAPI(title="cachecost", version="1", default_response_class=Records)

    def catalog() -> Catalog:
        return Catalog(prices, today=clock.today())

    def at(as_of: str) -> datetime:
        return ask.read("as_of", quantities.instant, as_of) if as_of else clock.now()

    @app.exception_handler(CachecostError)
    async def refused(request: Request, error: CachecostError) -> Response:
        """A refusal as a problem (RFC 9457) with a stable type."""
        status = 404 if isinstance(error, UnknownModel) else 503 if isinstance(error, BadSheet) else 422
        problem = {"type": f"urn:cachecost:{error.kind}", "title": error.kind, "status": status, "detail": str(error)}
        return Response(json.dumps(problem), status_code=status, media_type=PROBLEM)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Whether every price sheet can be read."""
        return {"status": "ok", "sheets": str(len(catalog().sheets()))}

    @app.get("/v1/models")
    def models(as_of: Words = "") -> Records:
        """Every sheet with the rate card in force."""
        found = []
        for sheet in catalog().sheets():
            try:
                card = sheet.card(at(as_of))
            except CachecostError:
                continue
            found.append(record.of_sheet(sheet, cards=False) | {"card": record.of_card(card, sheet)})
        return Records({"schema_version": record.SCHEMA_VERSION, "models": found})

    @app.get("/v1/compare")
    def compared(
        model: Annotated[list[str], Query(max_length=10)],
        context: Words,
        queries: Words = "10",
        question: Words = "0",
        answer: Words = "0",
        every: Words = "",
        over: Words = "",
        rate: Words = "",
        arrivals: Words = "even",
        turns: Words = "",
        tools: Words = "0",
        hold: Words = "",
        hit_share: Words = "",
        strategy: Annotated[list[str], Query(max_length=10)] = [],  # noqa: B006
        creation: Words = "",
        first_query: Words = "reads",
        billed_per: Words = "",
        service: Words = "standard",
        region: Words = "",
        thinking: bool = False,
        generation: Words = "0s",
        as_of: Words = "",
    ) -> Records:
        """The workload under every strategy that the models sell; the words are those of `cachecost compare`."""
        work = ask.workload(
            context=ask.read("context", quantities.count, context),
            question=question,
            answer=answer,
            queries=queries,
            every=every,
            over=over,
            rate=rate,
            arrivals=arrivals,
            turns=turns,
            tools=tools,
            start=at(as_of),
        )
        assumed = ask.assumptions(
            hit_share=hit_share,
            hold=hold,
            creation=creation,
            first_query=first_query,
            billed_per=billed_per,
            service=service,
            region=region,
            thinking=thinking,
            generation=generation,
        )
        sheets = catalog()
        asks = [(sheets.sheet(name), work) for name in dict.fromkeys(model)]
        today = clock.today()
        return Records(record.of_comparison(compare(asks, today=today, assumptions=assumed, strategies=strategy)))

    return app


app = create_app()
