// The values of a chart as a table: about twenty of them, and those at which a cache begins to pay.

import { framed, make, money } from "./elements.js";

/** The table of a chart, as `plot` takes it. */
export function pointsTable({ series, x }) {
  const xs = series[0].points.map(([at]) => at);
  const step = Math.max(1, Math.ceil(xs.length / 20));
  const firsts = new Set(series.map(({ first }) => first));
  const places = xs.map((_, place) => place).filter((place) => place % step === 0 || place === xs.length - 1 || firsts.has(xs[place]));
  const head = [x.label, ...series.map(({ name }) => name)].map((text) => make("th", { scope: "col", class: "figure" }, text));
  const rows = places.map((place) => {
    const cells = series.map(({ points, currency }) => {
      const exact = points[place]?.[1] ?? null;
      return make("td", { class: "figure" }, exact === null ? "-" : money(exact, currency));
    });
    return make("tr", {}, make("th", { scope: "row", class: "figure" }, x.text(xs[place])), ...cells);
  });
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  return framed(table, "The chart as a table");
}
