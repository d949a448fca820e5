// How exact text becomes a figure for people: rounded once, half to even, without a floating-point number on the way.
// The rules are those of calc/cachecost/output/figures.py; tests/api/test_page.py holds the two against each other.

const SIGNS = { USD: "$", CNY: "¥", EUR: "€" };
const MOST_PLACES = 18;

const CUT = 36;

/** A number as units of its last decimal place; `1/3`, whose digits never end, is cut far behind what is shown. */
function scaled(text) {
  const [, minus, whole, decimals = "", under] = /^(-?)(\d+)(?:\.(\d+)|\/(\d+))?$/.exec(String(text));
  if (under) return { negative: minus === "-", units: (BigInt(whole) * 10n ** BigInt(CUT)) / BigInt(under), places: CUT };
  return { negative: minus === "-", units: BigInt(whole + decimals), places: decimals.length };
}

function rounded({ negative, units, places }, wanted) {
  if (places <= wanted) return { negative, units, places };
  const step = 10n ** BigInt(places - wanted);
  const rest = (units % step) * 2n;
  const whole = units / step;
  const up = rest > step || (rest === step && whole % 2n === 1n);
  return { negative, units: up ? whole + 1n : whole, places: wanted };
}

function digits({ units, places }, fewest) {
  const text = units.toString().padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const decimals = text.slice(text.length - places).replace(/0+$/, "").padEnd(fewest, "0");
  return decimals ? `${whole}.${decimals}` : whole;
}

function placesOf({ units, places }) {
  const one = 10n ** BigInt(places);
  if (units === 0n || units >= 100n * one) return 2;
  let shown = 4;
  while (units * 10n ** BigInt(shown - 3) < one && shown < MOST_PLACES) shown += 1;
  return shown;
}

/** Money for people, `$46.50`, `$0.0375`, `-$8.00`, from exact text: two decimals or more, four digits where small. */
export function amount(text, currency) {
  const exact = scaled(text);
  const shown = rounded(exact, placesOf(exact));
  const minus = shown.negative && shown.units ? "-" : "";
  return `${minus}${SIGNS[currency] ?? `${currency} `}${digits(shown, 2)}`;
}

/** Money in as few digits as a person compares: `$1,234`, `$27.78`, `$0.0043`. */
export function brief(text, currency) {
  const exact = scaled(text);
  const one = 10n ** BigInt(exact.places);
  let shown = exact.units >= 1000n * one ? 0 : 2;
  // Two digits of what is less than ten cents.
  while (exact.units && shown < MOST_PLACES && exact.units * 10n ** BigInt(shown) < 10n * one) shown += 1;
  const { negative, ...value } = rounded(exact, shown);
  return `${negative && value.units ? "-" : ""}${SIGNS[currency] ?? `${currency} `}${digits(value, shown && 2)}`;
}

/** An exact amount so many times, exact. */
export function times(text, many) {
  const { negative, units, places } = scaled(text);
  const product = (units * BigInt(many)).toString().padStart(places + 1, "0");
  const whole = product.slice(0, product.length - places);
  return `${negative ? "-" : ""}${places ? `${whole}.${product.slice(product.length - places)}` : whole}`;
}

/** A rate as the sheet prints it: every digit, and at least two decimals. */
export function rate(text, currency) {
  return `${SIGNS[currency] ?? `${currency} `}${digits(scaled(text), 2)}`;
}

/** A share as `34%`, one decimal below 10%; never 0 or 100 where it is not. */
export function percent(text) {
  const share = scaled(text);
  const size = { units: share.units * 100n, places: share.places };
  const one = 10n ** BigInt(share.places);
  const minus = share.negative && share.units ? "-" : "";
  for (let places = size.units >= 10n * one ? 0 : 1; places < 7; places += 1) {
    const shown = rounded(size, places);
    const grain = 10n ** BigInt(shown.places);
    const whole = shown.units === 0n || shown.units === 100n * grain;
    if (!whole || shown.units * one === size.units * grain) return `${minus}${digits(shown, 0).replace(/,/g, "")}%`;
  }
  if (size.units < one) return `${minus}under 0.000001%`;
  return minus + (size.units < 100n * one ? "under 100%" : "over 100%");
}

/** `1,000,000`; expected counts may have decimals, two or as many as it takes not to be nothing. */
export function count(number) {
  const exact = scaled(number);
  let places = 2;
  while (exact.units && !rounded(exact, places).units && places < MOST_PLACES) places += 1;
  return digits(rounded(exact, places), 0);
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
