// The page that counts a document and media: tokens for each family of models, and a question about them for one press.

import { track } from "./bars.js";
import { size, tend } from "./drop.js";
import { at, cell, framed, linked, make, table, title } from "./elements.js";
import * as faults from "./faults.js";
import { MEDIA } from "./fields.js";
import { count } from "./figures.js";
import { field } from "./form.js";
import { providerName } from "./models.js";
import { human } from "./presets.js";
import { fromForm } from "./question.js";
import { address, attempt, json, later } from "./server.js";

const NAMES = {
  anthropic: "Claude up to 4.6", "anthropic-new": "Claude from 4.7 on",
  openai: "GPT-4o to GPT-5", "openai-new": "other GPT",
  "openai-cl100k": "GPT-4, GPT-3.5", gemini: "Gemini", deepseek: "DeepSeek", qwen: "Qwen",
  kimi: "Kimi", grok: "Grok", default: "all others",
};
const PAUSE = 400;
const form = at("form");
let sent = null;

/** Count the last document, if there is one, and the media of the fields. */
async function counted() {
  const media = fromForm(form);
  if (!sent && !media.length) return;
  const label = [sent?.label, ...media.map(([word, text]) => `${word} ${text}`)].filter(Boolean).join(", ");
  at("status").textContent = `Counting ${label} …`;
  await attempt(async () => {
    const words = sent ? [["name", sent.name], ...media] : media;
    show(await json("v1/count", words, "count", sent ? { method: "POST", body: sent.body } : {}), media);
    faults.clear(form);
    at("status").textContent = label;
  }, (problem) => {
    faults.say(form, problem);
    at("status").textContent = "";
  });
}

function show({ characters, families, media }, words) {
  const sorted = families.toSorted((a, b) =>
    (a.family === "default") - (b.family === "default") || b.models.length - a.models.length);
  const sources = [...sorted, ...media].map(({ method = "media", source }) => `${method}: ${source}`);
  at("report").replaceChildren(
    ...(sorted.length ? [
      make("p", { class: "headline" },
        `${count(characters)} characters; ${human(String(sorted[0].tokens)).replace("Context: ", "")}`),
      tokensOf(sorted, ({ family }) => NAMES[family] ?? family, ({ tokens }) => [["context", String(tokens)]]),
    ] : []),
    ...(media.length ? [tokensOf(media, sellers, () => words)] : []),
    make("details", {}, make("summary", {}, "How it was counted"),
      make("ul", {}, ...[...new Set(sources)].map((text) => make("li", {}, ...linked(text))))),
  );
  at("report").hidden = false;
}

function sellers({ models }) {
  const names = [...new Set(models.map((id) => providerName(id.split("/")[0])))];
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} …` : names.join(", ");
}

/** A table of tokens; `named` says of which models, `words` what to ask about them. */
function tokensOf(rows, named, words) {
  const most = Math.max(...rows.map(({ high }) => high));
  const headings = [
    ["models"], ["tokens", "figure"], ["between", "figure spare"], ["in a picture", "wide"], ["a question"],
  ];
  return framed(table(headings, rows.map((each) => row(each, named(each), words(each), most))), "Tokens by models");
}

function row({ tokens, low, high, models }, name, words, most) {
  const exact = low === high;
  const model = models.at(-1);
  const which = make("small", { title: models.join(", ") }, ` ${models.length} models, such as ${model.split("/")[1]}`);
  const link = make("a", { href: address(".", [["model", model], ...words]) }, "What does it cost?");
  return make("tr", {}, title(name, which),
    cell("figure", make("b", {}, `${exact ? "" : "≈ "}${count(tokens)}`)),
    cell("figure spare", exact ? "exact" : `${count(low)} to ${count(high)}`),
    cell("wide", track("cached", tokens, most)), cell("", link));
}

/** Count once no key has come for a moment. */
function typed() {
  later("count", PAUSE, counted);
}

at("media").append(...MEDIA.map(field));
form.addEventListener("submit", (event) => event.preventDefault());
tend(at("drop"), at("file"), (file) => {
  sent = { body: file, name: file.name, label: `${file.name}, ${size(file)}` };
  counted();
});
at("text").addEventListener("input", ({ target: { value } }) => {
  sent = value.trim() ? { body: value, name: "text.txt", label: "the pasted text" } : null;
  typed();
});
at("media").addEventListener("input", typed);
