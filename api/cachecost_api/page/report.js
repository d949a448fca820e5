// The report of a replay: figures on top, what to do, where the money went, what other caches would have cost.

import { bar, bars } from "./bars.js";
import { cell, framed, make, money, table, title } from "./elements.js";
import { brief, count, many, percent } from "./figures.js";

const CLASSES = { input: "plain input", cache_read: "cache reads", output: "output" };
const SUMS = {
  requests: { kind: "figure", value: (row) => count(row.requests) },
  "hit rate": { kind: "figure", value: (row) => (row.hit_share === null ? "–" : percent(row.hit_share)) },
  input: { kind: "figure spare", value: (row) => count(row.input) },
  cached: { kind: "figure spare", value: (row) => count(row.cache_read) },
  written: { kind: "figure spare", value: (row) => count(row.cache_write) },
  output: { kind: "figure spare", value: (row) => count(row.output) },
};
const SHOWN = 40;

/** The report as elements; `by` is what sums are grouped by beside models. */
export function report(answer, by) {
  const [first, ...rest] = answer.sentence.split(". ");
  const parts = [
    make("p", { class: "headline" }, `${first.replace(/\.$/, "")}.`),
    ...[rest.join(". "), ...answer.advice].filter(Boolean).map((text) => make("p", { class: "lead" }, text)),
    make("dl", { class: "sums" }, ...answer.figures.map(({ name, text, note }) =>
      make("div", {}, make("dt", {}, name), make("dd", {}, text), note ? make("dd", { class: "aside" }, note) : null))),
    otherwise(answer.what_if),
    went(answer.classes),
    lost(answer),
    sums("model", answer.by.model),
    by === "model" ? null : sums(by, answer.by[by] ?? []),
    worst(answer.worst_sessions),
    accounting(answer),
  ];
  return parts.filter(Boolean);
}

function went(classes) {
  if (!classes.length) return null;
  return section("Where the money went",
    costs(classes.map((each) => ({ ...each, label: classOf(each.name), total: each.cost }))));
}

function section(heading, ...parts) {
  return make("section", {}, make("h2", {}, heading), ...parts);
}

function classOf(name) {
  const [kind, ttl] = name.split(":");
  return kind === "cache_write" ? `cache writes${ttl ? `, ${ttl}` : ""}` : (CLASSES[name] ?? name);
}

/** A list of bars on one axis, the money and a note beside each. */
function costs(rows) {
  const longest = Math.max(...rows.map(({ total }) => Number(total)), 0);
  const drawn = rows.map(({ label, total, currency, kind = "cached", note = "" }) => {
    const figure = make("span", {}, money(total, currency, brief), note ? make("small", {}, ` ${note}`) : null);
    return { label, total, kind, figure };
  });
  return bars(drawn, longest, "bars wide");
}

/** What the same requests would have cost: a block for each model of the log, and one for each other model. */
function otherwise(rows) {
  const blocks = [...Map.groupBy(rows.filter(({ total }) => total !== null), ({ on }) => on)].map(([on, all]) => {
    const [{ paid, currency, requests }] = all;
    const sorted = all.toSorted((a, b) => Number(a.total) - Number(b.total));
    const lines = sorted.map(({ label, total, savings_ratio: ratio, bound }) => ({
      label: bound ? `${label} (${bound})` : label,
      total,
      currency,
      kind: ratio !== null && Number(ratio) > 0 ? "cached" : "uncached",
      note: ratio === null ? "" : `${Number(ratio) > 0 ? "−" : "+"}${percent(ratio.replace("-", ""))}`,
    }));
    const was = { label: "as it was", total: paid, currency, kind: "paid" };
    return make("div", { class: "card" }, make("h3", {}, on, make("small", {}, ` ${many(requests, "request")}`)),
      costs([was, ...lines]));
  });
  return blocks.length ? section("With another cache", ...blocks) : null;
}

function lost({ lost: rows, currency }) {
  if (!rows.length) return null;
  const lines = rows.map(({ what, reason, amount, currency: own }) => ({
    label: reason ? `${what}: ${reason}` : what, total: amount, currency: own ?? currency, kind: "uncached",
  }));
  return section("Spent for nothing", costs(lines));
}

/** Sums as a table, a row for each `what`. */
function sums(what, rows) {
  if (!rows.length) return null;
  const heading = `By ${what}`;
  const dearest = Math.max(...rows.map(({ cost }) => Number(cost)));
  const columns = [[what], ...Object.entries(SUMS).map(([text, { kind }]) => [text, kind]), ["cost", "figure"]];
  const shown = rows.slice(0, SHOWN).map((row) => {
    const figures = Object.values(SUMS).map(({ kind, value }) => cell(kind, value(row)));
    const cost = cell("figure cost", money(row.cost, row.currency, brief), bar("cached", row.cost, dearest));
    return make("tr", {}, title(String(row.label ?? "none")), ...figures, cost);
  });
  const rest = `${rows.length - SHOWN} more; cachecost replay --format csv has all.`;
  const more = rows.length > SHOWN ? [make("p", { class: "aside" }, rest)] : [];
  return section(heading, framed(table(columns, shown), heading), ...more);
}

function worst(sessions) {
  if (!sessions.length) return null;
  const rows = sessions.map(({ session, amount, currency, lost: causes }) =>
    ({ label: `${session ?? "none"}: ${causes[0]?.what ?? ""}`, total: amount, currency, kind: "uncached" }));
  return section("Sessions that lost most", costs(rows));
}

/** Every line of the file accounted for, and what was assumed. */
function accounting({ accounting: of, notes, requests, unpriced }) {
  const [file] = of.files;
  const { entries, duplicate, skipped, malformed } = of.total;
  const lines = [`${many(requests, "request")} priced, ${count(unpriced)} not; ` +
    `${many(entries, "entry", "entries")} read as ${file?.format || "no known format"}: ` +
    `${many(duplicate, "duplicate")}, ${count(skipped)} skipped, ${count(malformed)} malformed.`];
  lines.push(...of.unpriced.map(({ model, requests: unknown, reason }) =>
    `${model}: ${count(unknown)} without a price: ${reason}`));
  const unread = of.malformed.slice(0, 5).map(({ line, message }) => (line ? `line ${line}: ${message}` : message));
  lines.push(...unread, ...notes);
  return section("Where the lines went", make("ul", {}, ...lines.map((text) => make("li", {}, text))));
}
