// The question as words: read from the form, written into it, and spelt for a link and for the command line.
// The words are those of the HTTP API, so the address of the page is the query of every route.

import { chip } from "./chips.js";
import { WAYS } from "./fields.js";
import { show as showSliders } from "./sliders.js";

/** What is asked where the address asks nothing. */
export const EXAMPLE = "model=anthropic/claude-opus-5-5&context=100K&question=200&answer=500";

const FLAGS = { hit_share: "--hit-rate" }; // the others are words with dashes
const PLAIN = { "%2F": "/", "%3A": ":", "%40": "@", "%2C": "," };

/** The words that differ from their defaults, as pairs in the order of the form. */
export function fromForm(form) {
  const words = [];
  for (const field of form.elements) {
    if (!field.name || field.closest("[hidden]")) continue;
    const said = field.type === "checkbox" ? (field.checked ? field.value : "") : field.value.trim();
    if (said === field.dataset.default || said === "") continue;
    const several = field.dataset.many === undefined ? [said] : said.split(/[\s,]+/).filter(Boolean);
    words.push(...several.map((each) => [field.name, each]));
  }
  return words;
}

/** Write a question into the form; words for which it has no field are carried along, visibly. */
export function intoForm(form, words) {
  const said = Map.groupBy(words, ([word]) => word);
  const texts = (word) => (said.get(word) ?? []).map(([, text]) => text);
  for (const list of form.querySelectorAll(".chips")) list.replaceChildren();
  const fields = [...form.elements].filter((field) => field.dataset.default !== undefined);
  for (const field of fields) fill(field, texts(field.name));
  const known = new Set(fields.map((field) => field.name));
  texts("model").forEach((text) => form.querySelector("#models").append(chip("model", text)));
  const strange = words.filter(([word]) => word !== "model" && !known.has(word));
  form.querySelector("#carried").append(...strange.map(([word, text]) => chip(word, text, `${word}: ${text}`)));
  form.querySelector("#come").value = WAYS.find(({ way }) => said.has(way))?.way ?? "together";
  showWay(form);
  const more = form.querySelector("#more");
  more.open = more.open || [...more.querySelectorAll("[name]")].some((field) => said.has(field.name));
}

function fill(field, texts) {
  if (field.type === "checkbox") {
    field.checked = ["true", "1"].includes(texts[0]);
  } else if (field.tagName === "SELECT") {
    const offered = [...field.options].some((option) => option.value === texts[0]);
    field.value = offered ? texts[0] : field.dataset.default;
  } else {
    field.value = texts.length ? texts.join(" ") : field.dataset.default;
  }
}

/** Show the fields of the way in which the queries come, and only those. */
export function showWay(form) {
  const way = form.querySelector("#come").value;
  for (const group of form.querySelectorAll("[data-come]")) {
    group.hidden = group.dataset.come !== way;
    const [first] = group.querySelectorAll("[data-first]");
    if (!group.hidden && !first.value) first.value = first.dataset.first;
  }
  form.querySelector("[data-word=queries]").hidden = ["times", "turns"].includes(way);
  showSliders(form);
}

/** The question of an address, as pairs; several models may stand between commas. */
export function fromAddress(search) {
  const words = [...new URLSearchParams(search)];
  const each = words.flatMap(([word, text]) =>
    (word === "model" ? text.split(",").map((one) => [word, one]) : [[word, text]]));
  return each.filter(([, text]) => text);
}

/** The question as the query of an address, readable. */
export function asQuery(words) {
  const spelt = (text) => encodeURIComponent(text).replace(/%(2F|3A|40|2C)/g, (code) => PLAIN[code]);
  return words.map(([word, text]) => `${spelt(word)}=${spelt(text)}`).join("&");
}

/** The question as the command line asks it. */
export function asCommand(words) {
  const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`);
  const models = words.filter(([word]) => word === "model").map(([, text]) => quoted(text));
  const flags = words.filter(([word]) => word !== "model").map(([word, text]) => {
    const flag = FLAGS[word] ?? `--${word.replace(/_/g, "-")}`;
    // The command line reads instants from a file.
    if (word === "times") return `${flag} <(printf '%s\\n' ${text.split(",").map(quoted).join(" ")})`;
    return word === "thinking" ? flag : `${flag} ${quoted(text)}`;
  });
  return ["cachecost compare", ...models, ...flags].join(" ");
}
