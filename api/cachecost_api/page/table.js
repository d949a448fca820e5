// The comparison: a row a strategy, a bar beside each total, and the line items of a row on demand.

import { make, money } from "./elements.js";
import { amount, count, paysFor, percent, rate } from "./figures.js";

const open = new Set();

/** The table of a comparison; which rows stand open outlives it. */
export function table(comparison) {
  const several = new Set(comparison.answers.map(({ model }) => model)).size > 1;
  const dearest = Math.max(...comparison.answers.filter((each) => !unserved(each)).map(({ total }) => Number(total)));
  const headings = ["strategy", "total", "per query", "savings", "saved", "pays for N"];
  const classes = ["", "figure", "figure spare", "figure spare", "figure", "figure"];
  const cells = headings.map((text, place) => make("th", { scope: "col", class: classes[place] }, text));
  const body = comparison.answers.flatMap((answer, place) => rows(answer, { place, several, dearest, comparison }));
  return make(
    "table",
    { class: "comparison" },
    make("caption", {}, "Cheapest first; press a strategy for the lines of its bill."),
    make("thead", {}, make("tr", {}, ...cells)),
    make("tbody", {}, ...body),
  );
}

function rows(answer, { place, several, dearest, comparison }) {
  const key = `${answer.model} ${answer.strategy}`;
  const { best } = comparison;
  const cheapest = best?.model === answer.model && best.strategy === answer.strategy;
  const hidden = !open.has(key);
  const details = make("tr", { id: `lines-${place}`, class: "details", hidden }, lines(answer, several));
  const button = toggle(answer, { key, details, several });
  const fresh = answer.break_even === null;
  const names = { "data-strategy": answer.strategy, "data-model": answer.model, "data-status": answer.status };
  if (unserved(answer)) return [unbilled(answer, { names, button }), details];
  const row = make(
    "tr",
    { ...names, class: cheapest ? "cheapest" : "" },
    make("th", { scope: "row" }, button),
    make("td", { class: "figure" }, answer.free ? "free" : money(answer.total, answer.currency), bar(answer.total, dearest)),
    make("td", { class: "figure spare" }, money(answer.per_query, answer.currency)),
    make("td", { class: "figure spare" }, fresh ? null : money(answer.savings, answer.currency)),
    make("td", { class: "figure" }, fresh || answer.savings_ratio === null ? null : saved(answer)),
    make("td", { class: "figure" }, fresh ? null : paysFor(answer.break_even)),
  );
  return [row, details];
}

/** Whether the vendor would serve no such request. */
export function unserved({ status }) {
  return status === "refused" || status === "withdrawn";
}

/** A row without a bill: its total is struck through, and no figure stands beside it. */
function unbilled(answer, { names, button }) {
  const total = make("td", { class: "figure" }, make("s", {}, money(answer.total, answer.currency)));
  const why = make("td", { class: "figure", colspan: "4" }, answer.status);
  return make("tr", { ...names, class: "unserved" }, make("th", { scope: "row" }, button), total, why);
}

function toggle(answer, { key, details, several }) {
  const model = several ? make("small", {}, answer.model) : null;
  const button = make(
    "button",
    { type: "button", "aria-expanded": String(open.has(key)), "aria-controls": details.id, "data-key": key },
    make("span", {}, answer.strategy),
    model,
  );
  button.addEventListener("click", () => {
    details.hidden = !details.hidden;
    button.setAttribute("aria-expanded", String(!details.hidden));
    if (details.hidden) open.delete(key);
    else open.add(key);
  });
  return button;
}

function bar(total, dearest) {
  const filled = make("span", { class: "bar", "aria-hidden": "true" });
  // A picture may be rounded: only the figure beside it is money.
  filled.style.setProperty("--share", dearest ? Number(total) / dearest : 0);
  return filled;
}

function saved({ savings_ratio: ratio }) {
  const costsMore = ratio.startsWith("-");
  return make("data", { value: ratio, class: costsMore ? "more" : "less" }, percent(ratio));
}

function lines(answer, several) {
  const headings = [["line", ""], ["quantity", "figure"], ["rate", "figure"], ["amount", "figure"]];
  const name = several ? `${answer.model} ${answer.strategy}` : answer.strategy;
  const head = make("tr", {}, ...headings.map(([text, kind]) => make("th", { scope: "col", class: kind }, text)));
  const items = answer.lines.map((line) => item(line, answer.currency));
  const body = make("tbody", {}, ...items);
  const caption = make("caption", {}, `${name}: lines of the bill`);
  const found = make("table", { class: "lines" }, caption, make("thead", {}, head), body);
  return make("td", { colspan: "6" }, found, make("p", { class: "beside" }, ...beside(answer)));
}

function item(line, currency) {
  const per = line.unit === "requests" ? "" : " /1M";
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, line.name),
    make("td", { class: "figure" }, make("data", { value: line.quantity }, count(line.quantity)), ` ${line.unit}`),
    make("td", { class: "figure" }, make("data", { value: line.rate }, rate(line.rate, currency)), per),
    make("td", { class: "figure" }, money(line.amount, currency)),
  );
}

function beside(answer) {
  const { currency } = answer;
  const texts = [`${amount(answer.per_query, currency)} per query`];
  if (answer.break_even) {
    const more = answer.savings.startsWith("-");
    texts.push(`${amount(answer.savings.replace("-", ""), currency)} ${more ? "more" : "less"} than fresh`);
  }
  if (answer.savings_bound !== null) texts.push(`at most ${percent(answer.savings_bound)} can be saved`);
  return [`${texts.join(", ")}. Exactly `, make("code", {}, answer.total), ` ${currency}.`];
}
