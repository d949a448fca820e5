// The table of all prices: searched, sorted, with the history of each model as a line and its page in full on demand.

import { at, badge, cell, disclosure, make, slug, title } from "./elements.js";
import { coming, models, priced, providerName, search, short } from "./models.js";
import { history } from "./history.js";
import { attempt, json } from "./server.js";
import { spark } from "./spark.js";
import { starButton, stars } from "./stars.js";

const DAY = 86_400_000;
const by = (key) => (model) => (model[key] === null ? Infinity : Number(model[key]));
const COLUMNS = [
  { key: "name", text: "model", value: (model) => model.name.toLowerCase() },
  { key: "input", text: "input", kind: "figure", value: by("input") },
  { key: "cached", text: "cached", kind: "figure", value: by("cached") },
  { key: "output", text: "output", kind: "figure", value: by("output") },
  { key: "context", text: "context", kind: "figure spare", value: (model) => -(model.context ?? 0) },
  { key: "effective", text: "since", kind: "spare", value: (model) => -Date.parse(model.effective) },
  { key: "history", text: "input over time", kind: "spare", value: null },
];
const FILTERS = {
  changed: ({ effective, since }) => since < effective && Date.now() - Date.parse(effective) < 30 * DAY,
  new: ({ fresh }) => fresh,
  makers: ({ maker, provider }) => maker === provider,
  starred: ({ id }) => stars().has(id),
};
const SWITCHES = [...Object.keys(FILTERS), "withdrawn"];
const state = { list: [], rows: new Map(), rates: new Map(), sort: "", down: false };

/** Read the search from the address. */
function open() {
  const words = new URLSearchParams(location.search);
  at("q").value = words.get("q") ?? "";
  at("provider").value = words.get("provider") ?? "";
  for (const name of SWITCHES) at(name).checked = words.has(name);
  [, state.down, state.sort] = /^(-?)(\w*)$/.exec(words.get("sort") ?? "") ?? ["", "", ""];
  state.down = state.down === "-";
}

/** Write the search into the address, so that a link keeps it. */
function write() {
  const words = new URLSearchParams();
  if (at("q").value.trim()) words.set("q", at("q").value.trim());
  if (at("provider").value) words.set("provider", at("provider").value);
  for (const name of SWITCHES) if (at(name).checked) words.set(name, "yes");
  if (state.sort) words.set("sort", `${state.down ? "-" : ""}${state.sort}`);
  globalThis.history.replaceState(null, "", words.size ? `?${words}` : location.pathname);
}

function show() {
  const chosen = Object.keys(FILTERS).filter((name) => at(name).checked).map((name) => FILTERS[name]);
  const provider = at("provider").value;
  const list = state.list.filter((model) =>
    (!provider || model.provider === provider) && chosen.every((test) => test(model)));
  const [gone, onSale] = [true, false].map((whether) =>
    search(list.filter((model) => model.gone === whether), at("q").value).flat());
  let found = at("withdrawn").checked ? [...onSale, ...gone] : onSale;
  const column = COLUMNS.find(({ key }) => key === state.sort);
  if (column?.value) found = found.toSorted((a, b) => order(a, b, column.value) * (state.down ? -1 : 1));
  const all = state.list.filter((model) => at("withdrawn").checked || !model.gone);
  const more = gone.length && found === onSale && at("q").value.trim() ? `, and ${gone.length} withdrawn` : "";
  at("found").textContent = `${found.length} of ${all.length} models${more}`;
  document.querySelector("#list tbody").replaceChildren(...found.flatMap(({ id }) => state.rows.get(id)));
  head();
}

/** Unlike currencies are apart from each other. */
function order(a, b, value) {
  if (a.currency !== b.currency && typeof value(a) === "number") return a.currency < b.currency ? 1 : -1;
  return value(a) < value(b) ? -1 : Number(value(a) > value(b));
}

function head() {
  const cells = COLUMNS.map(({ key, text, kind = "", value }) => {
    if (!value) return make("th", { scope: "col", class: kind }, text);
    const sorted = state.sort === key;
    const [arrow, direction] = sorted ? (state.down ? [" ↓", "descending"] : [" ↑", "ascending"]) : ["", null];
    const button = make("button", { type: "button", "data-sort": key }, text,
      make("span", { "aria-hidden": "true" }, arrow));
    return make("th", { scope: "col", class: kind, "aria-sort": direction }, button);
  });
  const focused = document.activeElement?.dataset.sort;
  document.querySelector("#list thead tr").replaceChildren(...cells);
  if (focused) document.querySelector(`[data-sort="${focused}"]`)?.focus();
}

/** The two rows of a model: its figures, and below them its page, made when it is first opened. */
function rowsOf(model) {
  const page = make("td", { colspan: String(COLUMNS.length) });
  const more = make("tr", { id: `page-${slug(model.id)}`, class: "details", hidden: true }, page);
  const name = disclosure(more, { class: "open" }, (shown) => {
    if (shown && !page.firstChild) history(page, model);
  }, model.name);
  const star = starButton(model.id, { label: `${model.name}, ${model.id}` });
  const heading = title(star, name, make("small", {}, providerName(model.provider)),
    badge(model.fresh ? "new" : "", "good"), badge(coming(model), "warn"));
  const row = make("tr", { "data-model": model.id }, heading, ...priced(model).map((text) => cell("figure", text)),
    cell("figure spare", short(model.context)),
    cell("spare", model.effective.slice(0, 10)),
    cell("spare", spark(state.rates.get(model.id) ?? [], model.currency)));
  return [row, more];
}

async function begin() {
  await attempt(async () => {
    const asked = [["kind", "input"], ["service", "standard"]];
    const [list, rates] = await Promise.all([models(), json("v1/prices/history", asked)]);
    const smallest = rates.filter((each) => each.prompt_from === 0 && each.output_from === 0 && !each.thinking);
    state.rates = Map.groupBy(smallest, ({ model }) => model);
    state.list = list;
    const providers = [...new Set(list.map(({ provider }) => provider))]
      .sort((a, b) => providerName(a).localeCompare(providerName(b)));
    at("provider").append(...providers.map((id) => make("option", { value: id }, providerName(id))));
    state.rows = new Map(list.map((model) => [model.id, rowsOf(model)]));
    open();
    show();
  }, ({ message }) => {
    at("fault").textContent = message;
  });
}

at("filter").addEventListener("input", () => {
  write();
  show();
});
document.querySelector("#list thead").addEventListener("click", ({ target }) => {
  const key = target.closest("[data-sort]")?.dataset.sort;
  if (!key) return;
  state.down = state.sort === key && !state.down;
  state.sort = key;
  write();
  show();
});
begin();
