// The values of a chart as a table: about twenty of them, and those at which a cache begins to pay.

import { cell, framed, make, money, table } from "./elements.js";

/** The table of a chart, as `plot` takes it. */
export function pointsTable({ series, x }) {
  const xs = series[0].points.map(([at]) => at);
  const step = Math.max(1, Math.ceil(xs.length / 20));
  const firsts = new Set(series.map(({ first }) => first));
  const places = [...xs.keys()].filter((place) =>
    place % step === 0 || place === xs.length - 1 || firsts.has(xs[place]));
  const headings = [x.label, ...series.map(({ name }) => name)].map((text) => [text, "figure"]);
  const rows = places.map((place) => {
    const cells = series.map(({ points, currency }) => {
      const exact = points[place]?.[1] ?? null;
      return cell("figure", exact === null ? "-" : money(exact, currency));
    });
    return make("tr", {}, make("th", { scope: "row", class: "figure" }, x.text(xs[place])), ...cells);
  });
  return framed(table(headings, rows), "The chart as a table");
}
