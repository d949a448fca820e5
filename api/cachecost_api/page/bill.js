// The strategies of one model as a table, and the line items of each on demand.

import { cell, disclosure, framed, make, money, slug, table, title } from "./elements.js";
import { amount, count, paysFor, percent, rate } from "./figures.js";

const open = new Set();

/** Whether the vendor would serve no such request. */
export function unserved({ status }) {
  return status === "refused" || status === "withdrawn";
}

/** The table of a model's answers, cheapest first; which rows stand open outlives it. */
export function strategies(answers, best) {
  const figures = [
    ["total", "figure"], ["per query", "figure spare"], ["saved", "figure"], ["breaks even at", "figure"],
  ];
  const rows = answers.flatMap((answer) => pair(answer, answer === best));
  const caption = "Press a strategy for the lines of its bill.";
  const all = table([["strategy"], ...figures], rows, { class: "comparison", caption });
  return framed(all, `Strategies of ${answers[0].name}`);
}

function pair(answer, cheapest) {
  const key = `${answer.model} ${answer.strategy}`;
  const details = make("tr", { id: `lines-${slug(key)}`, class: "details", hidden: !open.has(key) }, lines(answer));
  const names = { "data-strategy": answer.strategy, "data-model": answer.model, "data-status": answer.status };
  const name = title(toggle(answer, { key, details }));
  return [make("tr", { ...names, class: cheapest ? "cheapest" : "" }, name, ...figures(answer)), details];
}

function figures(answer) {
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
  const turned = (shown) => (shown ? open.add(key) : open.delete(key));
  const name = make("span", {}, answer.label, make("small", {}, answer.strategy));
  return disclosure(details, { "data-key": key }, turned, name);
}

function saved({ savings_ratio: ratio }) {
  return make("data", { value: ratio, class: ratio.startsWith("-") ? "more" : "less" }, percent(ratio));
}

function lines(answer) {
  const headings = [["line"], ["quantity", "figure"], ["rate", "figure"], ["amount", "figure"]];
  const items = answer.lines.map((line) => item(line, answer.currency));
  const all = table(headings, items, { class: "lines", caption: `${answer.label}: lines of the bill` });
  return make("td", { colspan: "5" }, all, make("p", { class: "beside" }, ...beside(answer)));
}

function item(line, currency) {
  const per = line.unit === "requests" ? "" : " /1M";
  return make(
    "tr",
    {},
    title(line.name),
    cell("figure", make("data", { value: line.quantity }, count(line.quantity)), ` ${line.unit}`),
    cell("figure", make("data", { value: line.rate }, rate(line.rate, currency)), per),
    cell("figure", money(line.amount, currency)),
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
