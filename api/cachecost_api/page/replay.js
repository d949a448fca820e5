// The page that replays a log: the file goes to this server, and the report of the command line comes back.

import { add, tend as tendChips } from "./chips.js";
import { size, tend } from "./drop.js";
import { at, make } from "./elements.js";
import { count } from "./figures.js";
import { picker } from "./picker.js";
import { report } from "./report.js";
import { attempt, json } from "./server.js";

const BY = ["day", "session", "project", "model", "user", "team", "tag", "key", "hour", "week", "month"];
const STAGES = {
  sending: "Sending", unpacking: "Unpacking", reading: "Reading", pricing: "Pricing", comparing: "Comparing caches for",
};
const form = at("form");
let file = null;

async function replay() {
  if (!file) return;
  const models = [...form.querySelectorAll("#models input")].map(({ value }) => ["model", value]);
  const by = [...new Set(["model", at("by").value])].map((word) => ["by", word]);
  at("fault").textContent = "";
  show({ stage: "sending", bytes: 0, of: file.size });
  await attempt(async () => {
    const send = { method: "POST", body: file, progress: show };
    const answer = await json("v1/replay", [["name", file.name], ...by, ...models], "replay", send);
    at("status").textContent = `${file.name}, ${size(file)}`;
    at("report").replaceChildren(...report(answer, at("by").value));
    at("report").hidden = false;
    at("progress").hidden = true;
  }, ({ message }) => {
    at("progress").hidden = true;
    at("status").textContent = "";
    at("fault").textContent = message;
  });
}

/** How much of the file was sent, and then read; what comes after has no measure. */
function show({ stage, bytes, of, entries }) {
  const text = `${STAGES[stage]} ${file.name}, ${size(file)} …`;
  if (at("status").textContent !== text) at("status").textContent = text;
  at("read").textContent = entries ? `${count(entries)} lines` : "";
  at("progress").hidden = false;
  const bar = at("progress").querySelector("progress");
  if (bytes < of) bar.value = bytes / of;
  else bar.removeAttribute("value");
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
