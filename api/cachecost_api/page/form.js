// The form of a question, made of the fields that `fields.js` declares.

import { make } from "./elements.js";
import { MORE, SIZES, WAYS } from "./fields.js";
import { slider } from "./sliders.js";

/** Fill the form with its fields: models, sizes, how queries come, and what few questions say. */
export function build(form) {
  const ways = WAYS.map(({ way, text }) => make("option", { value: way }, text));
  form.append(
    models(),
    make("div", { class: "pair" }, ...SIZES.map(field)),
    make("p", { id: "human", class: "human" }),
    make("div", { class: "field" }, label("come", "The queries come"), make("select", { id: "come" }, ...ways)),
    ...WAYS.filter(({ fields }) => fields.length).map(({ way, fields }) =>
      make("div", { class: "pair", "data-come": way, hidden: true }, ...fields.map(field))),
    slider("gap", "Pause between two queries"),
    more(),
    make("ul", { id: "carried", class: "chips", "aria-label": "Also asked by the link" }),
  );
  form.querySelector("#queries").closest(".field").append(slider("number", "Number of queries"));
}

function models() {
  return make(
    "div",
    { class: "field", "data-word": "model" },
    label("new-model", "Models"),
    make("ul", { id: "models", class: "chips", "aria-label": "Models asked about" }),
    make("div", { id: "picker", class: "picker" }),
    make("button", { type: "button", id: "five" }, "Cheapest five that fit"),
    make("p", { class: "fault", id: "model-fault" }),
  );
}

function more() {
  return make(
    "details",
    { id: "more" },
    make("summary", {}, "More: pages, images, sound, video, date, hit rate, service …"),
    make("div", { class: "pair" }, ...MORE.pairs.map(field)),
    ...MORE.lines.map(field),
  );
}

function label(id, text, hint = "") {
  return make("label", { for: id }, ...(hint ? [`${text} `, make("span", { class: "hint" }, hint)] : [text]));
}

/** A field with its label and a place for what is wrong with it. */
export function field(word) {
  const { name, id = name, hint = "", check = false } = word;
  const entry = control({ ...word, id });
  const parts = [label(id, word.label, hint), entry, ...offers(word)];
  const fault = make("p", { class: "fault", id: `${id}-fault` });
  return make("div", { class: check ? "field check" : "field", "data-word": name }, ...parts, fault);
}

function control({ name, id, initial = "", first, placeholder = null, many, options, offers: offered, check }) {
  const shared = { id, name, "data-default": initial, "aria-describedby": `${id}-fault` };
  if (check) return make("input", { ...shared, type: "checkbox", value: "true" });
  if (options) return make("select", shared, ...options.map(([value, text]) => make("option", { value }, text)));
  const list = offered ? `${id}-offers` : null;
  const more = { placeholder, list, "data-first": first ?? null, "data-many": many ?? false };
  return make("input", { ...shared, ...more, spellcheck: "false" });
}

function offers({ name, offers: offered }) {
  return offered
    ? [make("datalist", { id: `${name}-offers` }, ...offered.map((value) => make("option", { value })))]
    : [];
}
