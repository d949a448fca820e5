// Price cards: the rates in force, their sources, since when they hold, and when a source of them was last read.

import { cell, framed, linked, make, table, title } from "./elements.js";
import { count, rate } from "./figures.js";
import { disputed } from "./notes.js";
import { json } from "./server.js";

/** The cards that an answer cites, a block a model; the first is open. */
export async function sheets(comparison) {
  const cited = new Map(comparison.answers.map((answer) => [answer.model, answer]));
  const blocks = [...cited.values()].map((answer, place) => block(answer, comparison, { open: place === 0 }));
  return Promise.all(blocks);
}

async function block(answer, comparison, { open }) {
  const sheet = await json(`v1/models/${answer.model}`, [], `sheet of ${answer.model}`);
  const card = sheet.rate_cards.find(({ version }) => version === answer.version);
  const summary = make("summary", {}, make("b", {}, sheet.name), ` ${answer.version}`);
  const { service } = comparison.assumptions;
  return make(
    "details",
    { class: "sheet", open },
    summary,
    make("p", {}, standing(card, sheet)),
    framed(ratesTable(card, sheet, service), `Rates of ${sheet.name}`),
    ...free(card),
    list("Caching", Object.entries(card.caching).map(([kind, terms]) => ofCaching(kind, terms))),
    list("Sources", card.sources),
    ...card.disputed.map((each) => make("p", { class: "dispute" }, ...linked(disputed(each)))),
    ...[card.note, sheet.note].filter(Boolean).map((note) => make("p", { class: "note" }, ...linked(note))),
  );
}

/** Since when a card holds, how sure it is, and when its source was last read. */
export function standing(card, sheet) {
  const since = `${card.status} since ${shown(card.effective)}, confidence ${card.confidence}; source read `;
  return make("span", {}, since, make("time", { datetime: sheet.checked }, sheet.checked),
    sheet.confirmed ? `. ${sheet.confirmed}` : "");
}

/** What a card gives free by day or month, as a paragraph or none. */
function free({ allowance }) {
  if (!allowance) return [];
  const { per, shared } = allowance;
  const texts = Object.entries(allowance.free).map(([name, most]) => `${count(most)} ${name.replace(/_/g, " ")}`);
  return [make("p", {}, `Free each ${per}: ${texts.join(", ")}${shared ? `, shared by ${shared}` : ""}`)];
}

function list(label, texts) {
  return make("ul", { "aria-label": label }, ...texts.map((text) => make("li", {}, ...linked(text))));
}

/** The rates of a card, of one service or of all. */
export function ratesTable(card, sheet, service = null) {
  const rows = card.rows.filter((row) => service === null || row.service === service);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.rates)))];
  const body = rows.map((row) => make("tr", {}, title(rowName(row)),
    ...names.map((name) => price(row.rates[name], sheet))));
  const fees = names.some((name) => name.startsWith("fee")) ? ", fees per call" : "";
  const caption = `${sheet.currency} per 1M tokens, storage per 1M token-hours${fees}`;
  return table([["row"], ...names.map((name) => [name, "figure"])], body, { class: "rates-table", caption });
}

function price(value, { currency }) {
  const sold = value !== undefined && value !== null;
  return cell("figure", sold
    ? make("data", { value }, rate(value, currency))
    : make("span", { title: "not sold" }, "-"));
}

function rowName({ service, prompt, output, thinking, window }) {
  const texts = [service, between(prompt, ""), between(output, "answers ")];
  if (thinking !== null) texts.push(thinking ? "thinking" : "not thinking");
  if (window) texts.push(`${window.hours.join(", ")} ${window.zone}`);
  return texts.filter(Boolean).join(", ");
}

function between({ from, to }, what) {
  if (to !== null) return from ? `${what}${count(from)} to ${count(to)}` : `${what}up to ${count(to)}`;
  return from ? `${what}over ${count(from - 1)}` : "";
}

function ofCaching(kind, terms) {
  const texts = Object.entries(terms).map(([name, value]) => `${name.replace(/_/g, " ")} ${worded(value)}`);
  return texts.length ? `${kind}: ${texts.join(", ")}` : kind;
}

function worded(value) {
  if (typeof value === "number") return count(value);
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? range(value) : String(value);
}

function range({ least, most }) {
  if (!most) return `at least ${least}`;
  return least ? `${least} to ${most}` : `at most ${most}`;
}

function shown(instant) {
  return instant.replace(/T00:00(:00)?Z$/, "");
}
