// The curve: the server's own Vega-Lite drawing in the colours of the page, or a table where the script is missing.

import { framed, make, money } from "./elements.js";
import { count } from "./figures.js";
import { ask, Problem } from "./server.js";

const POINTS = 300;
const LAST = 1_000_000;
const DARK = {
  "#000000": "#ffffff",
  "#444444": "#d0d4d9",
  "#0072b2": "#63b3ed",
  "#d55e00": "#ff9d5c",
  "#009e73": "#4fd1a5",
};
const FONT = "system-ui, sans-serif";
const night = matchMedia("(prefers-color-scheme: dark)");
let drawn = null;

/** The words of the curve of one model: from one query to twice as many as asked, break-evens among them. */
export function wordsOf(words, comparison, model) {
  const mine = comparison.answers.filter((answer) => answer.model === model);
  const asked = comparison.workload.queries;
  const firsts = mine.map(({ break_even: found }) => found?.first ?? 0).filter((first) => first <= 20 * asked);
  const last = Math.min(LAST, Math.max(20, 2 * asked, 2 * Math.max(...firsts)));
  const step = Math.ceil(last / POINTS);
  const span = step > 1 ? `1..${last}:${step}` : `1..${last}`;
  const kept = words.filter(([word]) => !["model", "queries"].includes(word));
  return [["model", model], ["queries", span], ...kept];
}

/** Why a question has no curve over the number of queries, or null where it has one. */
export function without(words) {
  const said = new Set(words.map(([word]) => word));
  if (said.has("turns")) return "a conversation grows with every turn, so N queries of it are not alike";
  return said.has("times") ? "the instants of all queries are given" : null;
}

/** Draw the curve into a figure; true where it became a picture, false where a table has to serve. */
export async function draw(figure, words) {
  const [bundle, answered] = await Promise.all([script(), ask("v1/curve.vl.json", words)]);
  const spec = await answered.json();
  drawn?.finalize();
  drawn = null;
  if (!bundle) return false;
  const spoken = ["Cost against the number of queries", ...crossed(spec)].join("; ");
  // Vega gives its own element another role, so the picture is named around it.
  const place = make("div", { class: "drawing" });
  const picture = make("div", { role: "img", "aria-label": spoken }, place);
  const crossings = make("ul", { class: "crossings" }, ...crossed(spec).map((text) => make("li", {}, text)));
  const caption = make("figcaption", {}, crossings, spec.title.text, make("small", {}, spec.title.subtitle));
  figure.replaceChildren(picture, caption);
  // `ast` reads expressions without eval, as the page's content policy demands.
  const options = { ast: true, actions: false, defaultStyle: false, renderer: "canvas", tooltip: false };
  drawn = await bundle(place, dressed(spec, figure.clientWidth), options);
  return true;
}

let loading = null;

/** Vega-Lite's embed function, fetched with the first curve; null where this server has no script. */
function script() {
  loading ??= import("./vega.js").then(() => window.vegaEmbed ?? null, () => null);
  return loading;
}

/** `stored pays from N = 6 ($0.68)`: what the drawing says at its marks. */
function crossed({ layer }) {
  return [...new Set(layer.flatMap(({ data }) => data?.values ?? []).map(({ text }) => text).filter(Boolean))];
}

/** A layer as a small screen bears it: whole sentences stand below the picture, beside a mark only its number. */
function shortened(layer) {
  if (layer.mark.type !== "text") return layer;
  const values = layer.data.values.map((value) => ({ ...value, text: count(value.queries) }));
  const mark = { ...layer.mark, align: "center", dx: 0, dy: -13, fontSize: 12, fontWeight: 600 };
  return { ...layer, data: { values }, mark };
}

function untitled({ encoding, ...layer }) {
  const channels = Object.entries(encoding).map(([name, channel]) =>
    [name, ["color", "strokeDash"].includes(name) ? { ...channel, title: null } : channel]);
  return { ...layer, encoding: Object.fromEntries(channels) };
}

function dressed(spec, width) {
  const plain = { layer: spec.layer.map(shortened).map(untitled) };
  const dark = night.matches;
  const text = JSON.stringify(plain);
  const coloured = dark ? text.replace(/#[0-9a-f]{6}/g, (colour) => DARK[colour] ?? colour) : text;
  const [ink, soft, line] = dark ? ["#e8ebee", "#a9b1ba", "#333a41"] : ["#1b1f24", "#59626d", "#e3e6ea"];
  const labels = { labelColor: soft, titleColor: soft, labelFont: FONT, titleFont: FONT, titleFontWeight: "normal" };
  return {
    ...JSON.parse(coloured),
    width: "container",
    height: width < 480 ? 240 : 320,
    background: "transparent",
    autosize: { type: "fit", contains: "padding" },
    config: {
      view: { stroke: null },
      axis: { ...labels, labelFontSize: 12, titleFontSize: 12, gridColor: line, domainColor: line, tickColor: line },
      axisX: { grid: false, tickMinStep: 1 },
      legend: { ...labels, labelFontSize: 12, orient: "top", symbolSize: 300, columns: width < 480 ? 2 : 4 },
      line: { strokeWidth: 2.25 },
      text: { color: ink, font: FONT },
    },
  };
}

/** The points of the curve as a table with exact values. */
export async function pointsTable(words) {
  const curve = await (await ask("v1/curve", words)).json();
  const names = curve.lines.map(({ strategy }) => strategy);
  const head = ["queries", ...names].map((name) => make("th", { scope: "col", class: "figure" }, name));
  const places = thinned(curve);
  const rows = places.map((place) => {
    const bills = curve.lines.map(({ totals }) => (totals[place] === null ? "-" : money(totals[place], curve.currency)));
    const cells = bills.map((bill) => make("td", { class: "figure" }, bill));
    const name = make("th", { scope: "row", class: "figure" }, count(curve.queries[place]));
    return make("tr", {}, name, ...cells);
  });
  const caption = make("caption", {}, `Total cost by number of queries, ${curve.version}`);
  const top = make("thead", {}, make("tr", {}, ...head));
  return framed(make("table", {}, caption, top, make("tbody", {}, ...rows)), "The curve as a table");
}

/** About twenty places of the curve, and every one at which a strategy begins to pay. */
function thinned({ queries, lines }) {
  const step = Math.max(1, Math.ceil(queries.length / 20));
  const firsts = new Set(lines.map(({ break_even: found }) => found?.first));
  return queries.map((_, place) => place).filter((place) =>
    place % step === 0 || place === queries.length - 1 || firsts.has(queries[place]));
}

/** Call when the page turns dark or light. */
export function whenDarkChanges(redraw) {
  night.addEventListener("change", redraw);
}

/** Why there is no curve, in the server's words, or null where the failure is another. */
export function refusal(error) {
  return error instanceof Problem ? error.message : null;
}
