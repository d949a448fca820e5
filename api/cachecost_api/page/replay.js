// The page that replays a log: the file goes to this server, and the report of the command line comes back.

import { add, tend as tendChips } from "./chips.js";
import { size, tend } from "./drop.js";
import { make } from "./elements.js";
import { picker } from "./picker.js";
import { report } from "./report.js";
import { ask, refusal } from "./server.js";

const BY = ["day", "session", "project", "model", "user", "team", "tag", "key", "hour", "week", "month"];
const form = document.getElementById("form");
const at = (id) => document.getElementById(id);
let file = null;

async function replay() {
  if (!file) return;
  const models = [...form.querySelectorAll("#models input")].map(({ value }) => ["model", value]);
  const by = [...new Set(["model", at("by").value])].map((word) => ["by", word]);
  at("fault").textContent = "";
  at("status").textContent = `Reading ${file.name}, ${size(file)} …`;
  try {
    const response = await ask("v1/replay", [["name", file.name], ...by, ...models], "replay", { method: "POST", body: file });
    const answer = await response.json();
    at("status").textContent = `${file.name}, ${size(file)}`;
    at("report").replaceChildren(...report(answer, at("by").value));
    at("report").hidden = false;
  } catch (error) {
    if (error.name === "AbortError") return;
    at("status").textContent = "";
    at("fault").textContent = refusal(error);
  }
}

at("by").append(...BY.map((word) => make("option", {}, word)));
at("by").addEventListener("change", replay);
form.addEventListener("submit", (event) => event.preventDefault());
tend(at("drop"), at("file"), (chosen) => {
  file = chosen;
  replay();
});
tendChips(form, replay);
picker(at("picker"), (id) => {
  add(form, id);
  replay();
});
