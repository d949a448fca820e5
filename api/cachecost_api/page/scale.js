// Axes with round numbers in the units that people say: dollars, queries, seconds to days.

import { brief } from "./figures.js";

const TIMES = [
  1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 172_800, 345_600, 604_800,
];
const UNITS = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** A position for a value between two ends, on a plain or a logarithmic axis. */
export function scale([low, high], [from, to], log = false) {
  const f = log ? Math.log : (value) => value;
  const span = f(high) - f(low) || 1;
  return (value) => from + ((f(value) - f(low)) / span) * (to - from);
}

/** Round values between two ends, about so many: 1, 2 or 5 times a power of ten, or of a clock. */
export function ticks([low, high], about, { log = false, time = false } = {}) {
  if (time) return thin(TIMES.filter((each) => each >= low && each <= high), about);
  if (log) return powers(low, high, about);
  const rough = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)));
}

function powers(low, high, about) {
  const all = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    all.push(...[1, 2, 5].map((each) => Number(`${each}e${power}`)).filter((each) => each >= low && each <= high));
  }
  const tens = all.filter((each) => String(each / 10 ** Math.floor(Math.log10(each) + 1e-9)).startsWith("1"));
  return thin(all.length <= about ? all : tens, about);
}

function thin(all, about) {
  const step = Math.ceil(all.length / about) || 1;
  return all.filter((_, at) => at % step === 0);
}

/** `5 min`, `2 h`, `10 min 30 s`: a number of seconds as people say it, in two units at most. */
export function duration(seconds) {
  const first = UNITS.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0 s";
  const [size, unit] = UNITS[first];
  const rest = Math.floor(seconds % size / (UNITS[first + 1]?.[0] ?? 1));
  return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${UNITS[first + 1][1]}` : ""}`;
}

/** The text of a round amount: `$5`, `$0.50`. */
export function dollars(value, currency) {
  const text = brief(plain(value), currency);
  return value >= 1 || value === 0 ? text.replace(/\.00$/, "") : text;
}

/** A number as text with digits alone, as exact text is. */
export function plain(value) {
  return value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 12 });
}

