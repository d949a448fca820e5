// The page that counts a document: its tokens for each family of models, and a question about it for one press.

import { size, tend } from "./drop.js";
import { framed, linked, make } from "./elements.js";
import { count } from "./figures.js";
import { human } from "./presets.js";
import { address, ask, refusal } from "./server.js";

const NAMES = {
  anthropic: "Claude up to 4.6", "anthropic-new": "Claude from 4.7 on", openai: "GPT-4o to GPT-5", "openai-new": "other GPT",
  "openai-cl100k": "GPT-4, GPT-3.5", gemini: "Gemini", deepseek: "DeepSeek", qwen: "Qwen", kimi: "Kimi", grok: "Grok", default: "all others",
};
const PAUSE = 400;
const at = (id) => document.getElementById(id);
let waiting = null;

async function counted(body, name, label) {
  at("fault").textContent = "";
  at("status").textContent = `Counting ${label} …`;
  try {
    const response = await ask("v1/count", [["name", name]], "count", { method: "POST", body });
    show(await response.json());
    at("status").textContent = label;
  } catch (error) {
    if (error.name === "AbortError") return;
    at("status").textContent = "";
    at("fault").textContent = refusal(error);
  }
}

function show({ characters, families }) {
  const most = Math.max(...families.map(({ high }) => high));
  const sorted = families.toSorted((a, b) => (a.family === "default") - (b.family === "default") || b.models.length - a.models.length);
  const head = [["models", ""], ["tokens", "figure"], ["between", "figure spare"], ["in a picture", "wide"], ["a question", ""]]
    .map(([text, kind]) => make("th", { scope: "col", class: kind }, text));
  const rows = sorted.map((family) => row(family, most));
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  const sources = [...new Set(sorted.map(({ method, source }) => `${method}: ${source}`))];
  at("report").replaceChildren(
    make("p", { class: "headline" }, `${count(characters)} characters; ${human(String(sorted[0].tokens)).replace("Context: ", "")}`),
    framed(table, "Tokens by family of models"),
    make("details", {}, make("summary", {}, "How it was counted"), make("ul", {}, ...sources.map((text) => make("li", {}, ...linked(text))))),
  );
  at("report").hidden = false;
}

function row({ family, tokens, low, high, exact, models }, most) {
  const name = NAMES[family] ?? family;
  const filled = make("span", { class: "bar cached", "aria-hidden": "true" });
  filled.style.setProperty("--share", tokens / most);
  const model = models.at(-1);
  const link = make("a", { href: address(".", [["model", model], ["context", String(tokens)]]) }, "What does it cost?");
  return make("tr", {}, make("th", { scope: "row" }, name, make("small", {}, ` ${models.length} models`)),
    make("td", { class: "figure" }, make("b", {}, `${exact ? "" : "≈ "}${count(tokens)}`)),
    make("td", { class: "figure spare" }, exact ? "exact" : `${count(low)} to ${count(high)}`),
    make("td", { class: "wide" }, make("span", { class: "track" }, filled)), make("td", {}, link));
}

document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());
tend(at("drop"), at("file"), (file) => counted(file, file.name, `${file.name}, ${size(file)}`));
at("text").addEventListener("input", () => {
  clearTimeout(waiting);
  const { value } = at("text");
  waiting = setTimeout(() => (value.trim() ? counted(value, "text.txt", "the pasted text") : null), PAUSE);
});
