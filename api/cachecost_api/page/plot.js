// A line chart: round axes, names at the ends of lines that never lie on each other, your own point, values on hover.

import { colours, follow, hiddenTip, line as straight, nearest, sheet, showTip, text as textAt } from "./drawing.js";
import { draw, make, swatch } from "./elements.js";
import { brief } from "./figures.js";
import { dollars, plain, scale, ticks } from "./scale.js";

const LINE = 15;
const LETTER = 6.6;
const BESIDE = 26; // what a name at the end of a line takes beside its letters

/** Draw a chart into a place, again whenever its width or the colours change.
 *  `series`: name, short, currency, color, faint, points [x, exact amount or null], first, steps (x at which it jumps);
 *  `x`: label, text of a value, time, log; `mark`: x and text of your own question; `log`: whether amounts are. */
export function plot(place, chart) {
  follow(place, () => {
    const svg = drawn(place, chart);
    place.replaceChildren(svg, legend(svg.geometry), reader(place, svg, chart));
  });
}

function drawn(place, chart) {
  const { series, x, log, height = 340 } = chart;
  const width = Math.max(280, place.clientWidth);
  const paint = colours();
  const shown = series.map((each) => {
    const known = each.points.filter(([, y]) => y !== null);
    return { ...each, paint: paint.series[each.color % 10], line: known.map(([at, y]) => [at, Number(y)]) };
  });
  const xs = shown.flatMap(({ line }) => line.map(([at]) => at));
  const ys = shown.flatMap(({ line }) => line.map(([, y]) => y)).filter((y) => !log || y > 0);
  const ends = [Math.min(...xs), Math.max(...xs)];
  const range = log ? [Math.min(...ys) / 1.2, Math.max(...ys) * 1.2] : [0, Math.max(...ys) * 1.06 || 1];
  const yTicks = ticks(range, 6, { log });
  const named = width >= 620;
  const left = 12 + 7.4 * Math.max(...yTicks.map((each) => dollars(each, series[0].currency).length));
  const letters = Math.min(Math.max(...series.map(({ short }) => short.length)), Math.floor((0.4 * width) / LETTER));
  const right = named ? BESIDE + LETTER * letters : 14;
  const box = { left, right: width - right, top: 26, bottom: height - 46 };
  const toX = scale(ends, [box.left, box.right], x.log);
  const toY = scale(range, [box.bottom, box.top], log);
  const svg = sheet(width, height, chart.spoken);
  svg.append(...axes({ yTicks, box, toX, toY, ends, x, currency: series[0].currency, paint }));
  if (chart.mark) svg.append(...marked(chart.mark, { ends, toX, box, paint }));
  // What stands out is drawn last.
  for (const each of shown.toSorted((a, b) => Number(b.faint) - Number(a.faint))) {
    svg.append(path(each, { toX, toY }));
    const crossing = each.line.find(([at]) => at === each.first);
    if (crossing && each.first > ends[0]) {
      const [cx, cy] = [toX(crossing[0]), toY(crossing[1])];
      svg.append(draw("circle", { cx, cy, r: 4, fill: each.paint, stroke: paint.paper, "stroke-width": 1.5 }));
    }
  }
  if (named) svg.append(...names(shown, { toY, box, letters }));
  svg.geometry = { shown, toX, box, paint, width, named };
  return svg;
}

function axes({ yTicks, box, toX, toY, ends, x, currency, paint }) {
  const about = Math.max(3, Math.floor((box.right - box.left) / 80));
  const xTicks = x.ticks ?? ticks(ends, about, x);
  const soft = { fill: paint.soft };
  const across = (y, stroke) => straight([box.left, y], [box.right, y], { stroke });
  return [
    ...yTicks.flatMap((each) => [
      across(toY(each), paint.line),
      textAt(dollars(each, currency), [box.left - 8, toY(each) + 4], "end", soft),
    ]),
    across(box.bottom, paint.soft),
    ...xTicks.flatMap((each) => [
      straight([toX(each), box.bottom], [toX(each), box.bottom + 5], { stroke: paint.soft }),
      textAt(x.text(each), [toX(each), box.bottom + 20], "middle", soft),
    ]),
    textAt(x.label, [(box.left + box.right) / 2, box.bottom + 40], "middle", soft),
  ];
}

function marked({ at, text }, { ends, toX, box, paint }) {
  if (at < ends[0] || at > ends[1]) return [];
  const x = toX(at);
  const end = x > (box.left + box.right) / 2;
  return [
    straight([x, box.top - 8], [x, box.bottom], { stroke: paint.ink, "stroke-dasharray": "2 4" }),
    textAt(text, [x + (end ? -6 : 6), box.top - 10], end ? "end" : "start", { fill: paint.ink, "font-weight": 600 }),
  ];
}

/** A line through its points; where it jumps, straight up or down at the very value and not from sample to sample. */
function path({ line, steps = [], paint, faint }, { toX, toY }) {
  const round = (value) => Math.round(value * 10) / 10;
  const points = line.flatMap(([at, y], place) => {
    const before = line[place - 1];
    const step = before && before[1] !== y ? steps.find((each) => before[0] <= each && each < at) : undefined;
    return step === undefined ? [[at, y]] : [[step, before[1]], [step, y], [at, y]];
  });
  const d = points.map(([at, y], place) => `${place ? "L" : "M"}${round(toX(at))} ${round(toY(y))}`).join("");
  const style = {
    "stroke-width": faint ? 1.5 : 2.5,
    "stroke-dasharray": faint ? "5 4" : null,
    "stroke-linejoin": "round",
  };
  return draw("path", { d, fill: "none", stroke: paint, ...style });
}

/** Names at the ends of their lines, pushed apart until none lies on another. */
function names(shown, { toY, box, letters }) {
  const ends = shown.filter(({ line }) => line.length).map((each) => ({ ...each, y: toY(each.line.at(-1)[1]) }));
  const labels = apart(ends.toSorted((a, b) => a.y - b.y), box.top, box.bottom);
  const cut = (name) => (name.length > letters ? `${name.slice(0, letters - 1)}…` : name);
  return labels.flatMap(({ short, paint, faint, y, at }) => [
    straight([box.right + 2, y], [box.right + 12, at], { stroke: paint, "stroke-dasharray": faint ? "3 2" : null }),
    textAt(cut(short), [box.right + 16, at + 4], "start", { fill: paint, "font-weight": faint ? 400 : 650 }),
  ]);
}

/** The names below the drawing, where it has no place for them. */
function legend({ shown, named }) {
  const items = named ? [] : shown.map(({ short, paint, faint }) =>
    make("li", {}, swatch(paint, faint ? "faint" : ""), short));
  return make("ul", { class: "legend", hidden: named }, ...items);
}

/** Places for labels that want to be at `y`: downwards with a line between each two, then back up from the bottom. */
export function apart(labels, top, bottom) {
  const placed = [];
  for (const label of labels) {
    placed.push({ ...label, at: Math.max(label.y, top, (placed.at(-1)?.at ?? -Infinity) + LINE) });
  }
  let limit = bottom;
  for (const label of placed.toReversed()) {
    label.at = Math.min(label.at, limit);
    limit = label.at - LINE;
  }
  return placed;
}

/** Values where the pointer is, or where the arrow keys moved to; a screen reader hears them. */
function reader(place, svg, { x, series }) {
  const { toX, box, shown, paint, width } = svg.geometry;
  const tip = hiddenTip();
  const xs = valuesOf(series);
  let index = -1;
  const unmark = () => svg.querySelector(".cursor")?.remove();
  const read = (next) => {
    index = next;
    const here = toX(xs[index]);
    unmark();
    svg.append(straight([here, box.top], [here, box.bottom],
      { class: "cursor", stroke: paint.accent, "stroke-width": 1 }));
    const values = shown.map((each) => ({ ...each, y: each.points.find(([one]) => one === xs[index])?.[1] ?? null }));
    const known = values.filter(({ y }) => y !== null).toSorted((a, b) => Number(a.y) - Number(b.y));
    const rows = known.map(({ name, y, currency, paint: colour }) =>
      make("p", {}, swatch(colour), `${name} `, make("b", {}, brief(y, currency))));
    showTip(tip, [make("p", {}, make("strong", {}, x.said(xs[index]))), ...rows], { x: here, width, gap: 12 });
  };
  place.onpointermove = ({ clientX }) => {
    const pointer = clientX - place.getBoundingClientRect().left;
    read(nearest(xs, (each) => Math.abs(toX(each) - pointer)));
  };
  place.onpointerleave = place.onblur = () => {
    tip.hidden = true;
    unmark();
  };
  place.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    read(Math.min(xs.length - 1, Math.max(0, index + step * (event.shiftKey ? 10 : 1))));
  };
  return tip;
}

/** Every x at which some line has a point. */
function valuesOf(series) {
  return [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
}

/** The lines as CSV: a column for x, one for each line, every digit. */
export function asCsv({ series, x }) {
  const cell = (text) => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const xs = valuesOf(series);
  const values = series.map(({ points }) => new Map(points));
  const rows = xs.map((at) => [plain(at), ...values.map((points) => points.get(at) ?? "")]);
  const head = [x.column, ...series.map(({ name, currency }) => `${name} (${currency})`)];
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}
