// A map of the cheapest strategy over pauses and numbers of queries, with your own question marked on it.

import { colours, follow, haloed, hiddenTip, line, nearest, sheet, showTip, text } from "./drawing.js";
import { draw, make } from "./elements.js";
import { brief, count, percent } from "./figures.js";
import { duration, scale, ticks } from "./scale.js";
import { seconds } from "./sliders.js";

const HEIGHT = 420;

/** Draw the grid of a sweep over `every` and `queries`; `you` is your own pause in seconds and number of queries. */
export function map(place, grid, you) {
  const [xs, ys] = [grid.axes[0].values.map(seconds), grid.axes[1].values];
  follow(place, () => {
    const svg = drawn(place, { grid, xs, ys, you });
    place.replaceChildren(svg, reader(place, svg, { grid, xs, ys }));
  });
}

/** The colour of a strategy: those of the chart, and grey where nothing is cached. */
export function colourOf(strategy, grid, paint) {
  const place = grid.strategies.filter((each) => each !== "fresh").indexOf(strategy);
  return strategy === "fresh" ? paint.series[8] : paint.series[place % 8];
}

function drawn(place, { grid, xs, ys, you }) {
  const width = Math.max(280, place.clientWidth - 14);
  const paint = colours();
  const box = { left: 58, right: width - 10, top: 12, bottom: HEIGHT - 46 };
  const toX = scale([edge(xs, 0), edge(xs, xs.length)], [box.left, box.right], true);
  const toY = scale([edge(ys, 0), edge(ys, ys.length)], [box.bottom, box.top], true);
  const svg = sheet(width, HEIGHT, spoken(grid));
  grid.cells.forEach((cell, at) => {
    const [column, row] = [Math.floor(at / ys.length), at % ys.length];
    const [x, right] = [column, column + 1].map((each) => Math.round(toX(edge(xs, each))));
    const [y, bottom] = [row + 1, row].map((each) => Math.round(toY(edge(ys, each))));
    const fill = cell.cheapest ? colourOf(cell.cheapest, grid, paint) : paint.line;
    const saved = Number(cell.savings_ratio ?? 0);
    // Stronger where more is saved.
    const opacity = cell.cheapest === "fresh" ? 0.35 : 0.35 + 0.6 * saved;
    const look = { fill, "shape-rendering": "crispEdges", "fill-opacity": opacity.toFixed(2) };
    svg.append(draw("rect", { x, y, width: right - x, height: bottom - y, ...look }));
  });
  svg.append(...names(grid, { xs, ys, toX, toY, box, paint }), ...axes({ box, toX, toY, xs, ys, paint }));
  svg.append(...yours(you, { toX, toY, xs, ys, paint }));
  svg.geometry = { toX, toY, width };
  return svg;
}

/** The value between two neighbours, where their cells meet. */
function edge(values, place) {
  if (place === 0) return values[0] ** 1.5 / values[1] ** 0.5;
  if (place === values.length) return values.at(-1) ** 1.5 / values.at(-2) ** 0.5;
  return Math.sqrt(values[place - 1] * values[place]);
}

function axes({ box, toX, toY, xs, ys, paint }) {
  const columns = ticks([xs[0], xs.at(-1)], Math.floor((box.right - box.left) / 70), { time: true });
  const rows = ticks([ys[0], ys.at(-1)], 9, { log: true });
  const soft = { fill: paint.soft };
  const middle = (box.top + box.bottom) / 2;
  return [
    ...columns.flatMap((each) => [
      line([toX(each), box.bottom], [toX(each), box.bottom + 5], { stroke: paint.soft }),
      text(duration(each), [toX(each), box.bottom + 19], "middle", soft),
    ]),
    ...rows.map((each) => text(count(each), [box.left - 8, toY(each) + 4], "end", soft)),
    text("pause between two queries", [(box.left + box.right) / 2, HEIGHT - 6], "middle", soft),
    text("queries", [12, middle], "middle", { ...soft, transform: `rotate(-90 12 ${middle})` }),
  ];
}

/** The name of each strategy in the middle of its land, where it has enough of it. */
function names(grid, { xs, ys, toX, toY, box, paint }) {
  const placed = grid.cells.map((cell, at) => ({ cell, column: Math.floor(at / ys.length), row: at % ys.length }));
  const lands = Map.groupBy(placed, ({ cell }) => cell.cheapest ?? cell.status);
  return [...lands].filter(([, cells]) => cells.length >= grid.cells.length / 16).flatMap(([name, cells]) => {
    const middle = cells.toSorted((a, b) => a.column - b.column)[Math.floor(cells.length / 2)].column;
    const rows = cells.filter(({ column }) => column === middle).map(({ row }) => row).sort((a, b) => a - b);
    const label = grid.labels[name] ?? name;
    const half = 4.2 * label.length; // about, at this size
    const x = Math.max(box.left + half, Math.min(box.right - half, toX(xs[middle])));
    const y = toY(ys[rows[Math.floor(rows.length / 2)]]) + 4;
    return haloed(label, [x, y], "middle", { "font-size": 14, "font-weight": 650, "stroke-opacity": 0.85 }, paint);
  });
}

function yours({ gap, queries }, { toX, toY, xs, ys, paint }) {
  const cx = toX(Math.min(xs.at(-1), Math.max(xs[0], gap ?? xs[0])));
  const cy = toY(Math.min(ys.at(-1), Math.max(ys[0], queries)));
  const end = cx > (toX(xs[0]) + toX(xs.at(-1))) / 2;
  return [
    draw("circle", { class: "you", cx, cy, r: 8, fill: paint.paper, stroke: paint.ink, "stroke-width": 3 }),
    ...haloed("you", [cx + (end ? -13 : 13), cy + 4], end ? "end" : "start", { "font-weight": 650 }, paint),
  ];
}

/** How much of the map is whose, as `strategy, share`, the largest first. */
export function shares(grid) {
  const lands = Map.groupBy(grid.cells, ({ cheapest, status }) => cheapest ?? status);
  const share = (cells) => cells.length / grid.cells.length;
  return [...lands].map(([name, cells]) => ({ name, label: grid.labels[name] ?? name, share: share(cells) }))
    .toSorted((a, b) => b.share - a.share);
}

function spoken(grid) {
  const parts = shares(grid).map(({ label, share }) => `${label} in ${Math.round(share * 100)}%`);
  return `Map of the cheapest strategy over pauses and numbers of queries: ${parts.join(", ")}`;
}

/** `5-min cache $1.20 instead of $4.10 (71% less)`. */
function saving({ cheapest, total, fresh, savings_ratio: ratio }, { labels, currency }) {
  const instead = ` instead of ${brief(fresh, currency)} (${percent(ratio)} less)`;
  return [labels[cheapest], " ", make("b", {}, brief(total, currency)), instead];
}

/** The cell under the pointer, or to which the arrow keys moved. */
function reader(place, svg, { grid, xs, ys }) {
  const { toX, toY, width } = svg.geometry;
  const tip = hiddenTip();
  const at = { column: 0, row: 0 };
  const show = () => {
    const cell = grid.cells[at.column * ys.length + at.row];
    const best = cell.cheapest ? saving(cell, grid) : [cell.status.replace("_", " ")];
    const question = `${count(ys[at.row])} queries, one every ${duration(xs[at.column])}`;
    const lines = [make("p", {}, make("strong", {}, question)), make("p", {}, ...best)];
    showTip(tip, lines, { x: toX(xs[at.column]), width, gap: 20 });
    tip.style.top = `${Math.max(0, toY(ys[at.row]) - 30)}px`;
  };
  place.onpointermove = ({ clientX, clientY }) => {
    const { left, top } = svg.getBoundingClientRect();
    at.column = nearest(xs, (each) => Math.abs(toX(each) - (clientX - left)));
    at.row = nearest(ys, (each) => Math.abs(toY(each) - (clientY - top)));
    show();
  };
  place.onpointerleave = place.onblur = () => { tip.hidden = true; };
  place.onkeydown = (event) => {
    const [right, up] =
      { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    if (right === undefined) return;
    event.preventDefault();
    at.column = Math.min(xs.length - 1, Math.max(0, at.column + right));
    at.row = Math.min(ys.length - 1, Math.max(0, at.row + up));
    show();
  };
  return tip;
}
