// The strategies of one model as a table, and the line items of each on demand.

import { framed, make, money } from "./elements.js";
import { amount, count, paysFor, percent, rate } from "./figures.js";

const open = new Set();

/** Whether the vendor would serve no such request. */
export function unserved({ status }) {
  return status === "refused" || status === "withdrawn";
}

/** The table of a model's answers, cheapest first; which rows stand open outlives it. */
export function strategies(answers, best) {
  const headings = [["strategy", ""], ["total", "figure"], ["per query", "figure spare"], ["saved", "figure"], ["breaks even at", "figure"]];
  const head = headings.map(([text, kind]) => make("th", { scope: "col", class: kind }, text));
  const caption = make("caption", {}, "Press a strategy for the lines of its bill.");
  const rows = answers.flatMap((answer) => pair(answer, answer === best));
  const table = make("table", { class: "comparison" }, caption, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  return framed(table, `Strategies of ${answers[0].name}`);
}

function pair(answer, cheapest) {
  const key = `${answer.model} ${answer.strategy}`;
  const id = `lines-${key.replace(/[^a-z0-9]/gi, "-")}`;
  const details = make("tr", { id, class: "details", hidden: !open.has(key) }, lines(answer));
  const names = { "data-strategy": answer.strategy, "data-model": answer.model, "data-status": answer.status };
  const title = make("th", { scope: "row" }, toggle(answer, { key, details }));
  return [make("tr", { ...names, class: cheapest ? "cheapest" : "" }, title, ...figures(answer)), details];
}

function figures(answer) {
  const cell = (kind, child) => make("td", { class: kind }, child);
  const total = money(answer.total, answer.currency);
  if (unserved(answer)) {
    return [cell("figure", make("s", {}, total)), make("td", { class: "figure", colspan: "3" }, answer.status)];
  }
  const fresh = answer.break_even === null;
  return [
    cell("figure", answer.free ? "free" : total),
    cell("figure spare", money(answer.per_query, answer.currency)),
    cell("figure", fresh || answer.savings_ratio === null ? null : saved(answer)),
    cell("figure", fresh ? null : paysFor(answer.break_even)),
  ];
}

function toggle(answer, { key, details }) {
  const state = { "aria-expanded": String(open.has(key)), "aria-controls": details.id, "data-key": key };
  const button = make("button", { type: "button", ...state }, make("span", {}, answer.label, make("small", {}, answer.strategy)));
  button.addEventListener("click", () => {
    details.hidden = !details.hidden;
    button.setAttribute("aria-expanded", String(!details.hidden));
    if (details.hidden) open.delete(key);
    else open.add(key);
  });
  return button;
}

function saved({ savings_ratio: ratio }) {
  return make("data", { value: ratio, class: ratio.startsWith("-") ? "more" : "less" }, percent(ratio));
}

function lines(answer) {
  const headings = [["line", ""], ["quantity", "figure"], ["rate", "figure"], ["amount", "figure"]];
  const head = make("tr", {}, ...headings.map(([text, kind]) => make("th", { scope: "col", class: kind }, text)));
  const body = make("tbody", {}, ...answer.lines.map((line) => item(line, answer.currency)));
  const caption = make("caption", {}, `${answer.label}: lines of the bill`);
  const table = make("table", { class: "lines" }, caption, make("thead", {}, head), body);
  return make("td", { colspan: "5" }, table, make("p", { class: "beside" }, ...beside(answer)));
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
    texts.push(`${amount(answer.savings.replace("-", ""), currency)} ${more ? "more" : "less"} than without a cache`);
  }
  if (answer.savings_bound !== null) texts.push(`at most ${percent(answer.savings_bound)} can be saved`);
  return [`${texts.join(", ")}. Exactly `, make("code", {}, answer.total), ` ${currency}.`];
}
