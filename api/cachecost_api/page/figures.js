// How exact text becomes a figure for people: rounded once, half to even, without a floating-point number on the way.
// The rules are those of calc/cachecost/output/figures.py; tests/api/test_page.py holds the two against each other.

const SIGNS = { USD: "$", CNY: "¥", EUR: "€" };
const MOST_PLACES = 18;
const formats = new Map();

/** Exact text with so many decimals, `least` zeros among them; a browser rounds text, unlike a number, exactly. */
function rounded(text, most, least = 0, style = "decimal") {
  const key = `${most} ${least} ${style}`;
  if (!formats.has(key)) {
    const digits = { minimumFractionDigits: least, maximumFractionDigits: most, roundingMode: "halfEven" };
    const shown = { style, signDisplay: "negative", useGrouping: style === "decimal" };
    formats.set(key, new Intl.NumberFormat("en-US", { ...digits, ...shown }));
  }
  return formats.get(key).format(decimal(text));
}

/** The text of a decimal number; `1/3`, whose digits never end, is cut far behind what is shown. */
function decimal(text) {
  const [over, under] = String(text).split("/");
  return under ? `${(BigInt(over) * 10n ** 36n) / BigInt(under)}e-36` : over;
}

/** The size of an exact text, good enough to say how many decimals are shown. */
function sizeOf(text) {
  return Math.abs(Number(decimal(text)));
}

function money(text, currency, most, least) {
  const shown = rounded(text, most, least);
  return `${shown.startsWith("-") ? "-" : ""}${SIGNS[currency] ?? `${currency} `}${shown.replace("-", "")}`;
}

/** Money for people, `$46.50`, `$0.0375`, `-$8.00`, from exact text: two decimals or more, four digits where small. */
export function amount(text, currency) {
  const size = sizeOf(text);
  const places = size === 0 || size >= 100 ? 2 : Math.max(4, 3 - Math.floor(Math.log10(size)));
  return money(text, currency, Math.min(MOST_PLACES, places), 2);
}

/** Money by its size, in as few digits as a person compares: `$1,234`, `$27.78`, `$0.050`, `$0.0043`. */
export function brief(text, currency) {
  const size = sizeOf(text);
  let places = size >= 1000 ? 0 : 2;
  while (size && size * 10 ** places < 9.5 && places < MOST_PLACES) places += 1;
  return money(text, currency, places, places);
}

/** A rate as the sheet prints it: every digit, and at least two decimals. */
export function rate(text, currency) {
  return money(text, currency, MOST_PLACES, 2);
}

/** An exact bill so many times, exact. */
export function times(text, many) {
  const [whole, decimals = ""] = text.split(".");
  const product = (BigInt(whole + decimals) * BigInt(many)).toString().padStart(decimals.length + 1, "0");
  const point = product.length - decimals.length;
  return [product.slice(0, point), product.slice(point)].filter(Boolean).join(".");
}

/** A share as `34%`, one decimal below 10%; never 0 or 100 where it is not. */
export function percent(text) {
  const size = sizeOf(text);
  const minus = String(text).startsWith("-") ? "-" : "";
  for (let places = size >= 0.1 ? 0 : 1; places < 7; places += 1) {
    const shown = rounded(text, places, 0, "percent");
    if (!/^-?(0|100)%$/.test(shown) || /^-?[01](\.0*)?$/.test(text)) return shown;
  }
  if (size < 0.01) return `${minus}under 0.000001%`;
  return minus + (size < 1 ? "under 100%" : "over 100%");
}

/** `1,000,000`; expected counts may have decimals, two or as many as it takes not to be nothing. */
export function count(number) {
  const size = sizeOf(number);
  let places = 2;
  while (size && rounded(number, places) === "0" && places < MOST_PLACES) places += 1;
  return rounded(number, places);
}

/** `1 query`, `1,000 queries`. */
export function many(number, noun, plural = `${noun}s`) {
  return `${count(number)} ${number === 1 ? noun : plural}`;
}

/** `4+`, `2-4`, `6, 8+`, `never`: the numbers of queries for which a strategy pays. */
export function paysFor(found) {
  if (!found.intervals.length) return "never";
  const parts = found.intervals.map(([first, last]) => {
    if (last === null) return `${count(first)}+`;
    return first === last ? count(first) : `${count(first)}-${count(last)}`;
  });
  return parts.join(", ") + (found.horizon ? ` of ${count(found.horizon)} tried` : "");
}
