// The page of one model: its rates over time as lines, all rates in force, their sources, and where to read more.

import { framed, linked, make } from "./elements.js";
import { rate } from "./figures.js";
import { plot } from "./plot.js";
import { address, attempt, json } from "./server.js";
import { ratesTable, standing } from "./sheets.js";

const KINDS = { input: "input", cache_read: "cached input", output: "output" };
const DAY = 86_400_000;

/** Fill a place with the history of a model. */
export async function history(place, { id }) {
  await attempt(async () => {
    const sheet = await json(`v1/models/${id}`, [], `history of ${id}`);
    const cards = sheet.rate_cards.filter(({ status }) => status !== "cancelled");
    const now = cards.findLast(({ effective }) => Date.parse(effective) <= Date.now()) ?? cards[0];
    const label = `Rates of ${sheet.name} over time; the arrow keys read them`;
    const chart = make("div", { class: "chart", tabindex: "0", role: "group", "aria-label": label });
    place.append(
      chart,
      make("p", {}, standing(now, sheet)),
      framed(ratesTable(now, sheet), `Rates of ${sheet.name}`),
      make("p", { class: "links" }, ...links(sheet, now)),
      make("ul", { "aria-label": "Sources" }, ...now.sources.map((source) => make("li", {}, ...linked(source)))),
      ...[now.note, sheet.note].filter(Boolean).map((note) => make("p", { class: "aside" }, ...linked(note))),
    );
    plot(chart, lines(cards, sheet));
  }, ({ message }) => place.replaceChildren(make("p", { class: "fault" }, message)));
}

function links({ model, name }, { status, effective }) {
  const link = (href, text) => make("a", { href }, text);
  const lastDay = status === "withdrawn" ? [["as_of", day(Date.parse(effective) - DAY)]] : [];
  return [
    link(address(".", [["model", model], ["context", "100K"], ...lastDay]), `Ask about ${name}`), " · ",
    link(address(`v1/models/${model}/page.yaml`, []), "Its price page (YAML)"), " · ",
    link(address("v1/prices/history.csv", [["model", model]]), "Every rate it had (CSV)"), " · ",
    link(address(`v1/models/${model}`, []), "JSON"),
  ];
}

/** A line for each kind of rate: level between two cards, and up to the end of what is known or sold. */
function lines(cards, { name, currency }) {
  const times = cards.map(({ effective }) => Date.parse(effective));
  const last = Math.max(Date.now(), times.at(-1) + 30 * DAY);
  const values = cards.map(ratesOf);
  const series = Object.entries(KINDS)
    .filter(([kind]) => values.some((rates) => rates[kind]))
    .map(([kind, text], color) => ({
      name: text, short: text, currency, color, faint: false, first: null,
      points: values.flatMap((rates, at) => [
        [times[at], rates[kind] ?? null],
        [(times[at + 1] ?? last) - 1, rates[kind] ?? null],
      ]),
    }));
  const month = (time) => day(time).slice(0, 7);
  const ticks = months([times[0], last]);
  const x = { label: "per 1M tokens, by day", column: "instant", text: month, said: day, ticks };
  const latest = series.map(({ name: kind, points }) =>
    `${kind} ${rate(points.findLast(([, value]) => value)[1], currency)}`);
  const spoken = `Rates of ${name} over time: ${latest.join(", ")}`;
  return { series, x, spoken, height: 230, mark: { at: Date.now(), text: "today" } };
}

/** The standard rates of a card; none where it ends the sale. */
function ratesOf({ rows, status }) {
  if (status === "withdrawn") return {};
  return (rows.find(({ service }) => service === "standard") ?? rows[0])?.rates ?? {};
}

/** The day of a time, `2026-11-22`. */
function day(time) {
  return new Date(time).toISOString().slice(0, 10);
}

/** The first days of some months between two instants. */
function months([first, last]) {
  const all = [];
  const month = new Date(first);
  month.setUTCDate(1);
  month.setUTCHours(0, 0, 0, 0);
  for (; month.getTime() <= last; month.setUTCMonth(month.getUTCMonth() + 1)) {
    if (month.getTime() >= first) all.push(month.getTime());
  }
  const step = [1, 2, 3, 6, 12, 24].find((each) => all.length / each <= 7) ?? 48;
  return all.filter((time) => (new Date(time).getUTCMonth() + 12 * new Date(time).getUTCFullYear()) % step === 0);
}
