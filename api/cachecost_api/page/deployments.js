// Self-hosted models, for the box that finds models: asked for once an @ is typed.

import { make, slug } from "./elements.js";
import { rate } from "./figures.js";
import { once } from "./server.js";

const deployments = once("v1/deployments", [], (list) => list.deployments);

/** Options of the deployments whose names have every part of a text such as `70b@p5`; the text itself with some of the
 * cards of a machine, `llama-3.1-70b@aws/p5.48xlarge:4`. */
export async function options(text, most) {
  const wanted = text.trim().toLowerCase();
  const parts = wanted.split("@");
  const known = await deployments();
  const whole = known.find((each) => wanted.startsWith(`${each.model}:`));
  const found = known.filter((each) => {
    const [model, machine] = each.model.split("@");
    return model.includes(parts[0]) && machine.includes(parts[1] ?? "");
  });
  const named = whole ? [{ ...whole, model: wanted }] : found.slice(0, most);
  return named.map(option);
}

function option({ model, gpu, gpus, per_hour, currency, pool_tokens }) {
  const cards = `${gpus} × ${gpu}, ${rate(per_hour, currency)} an hour`;
  const caches = pool_tokens === null ? "not known to fit" : `${pool_tokens.toLocaleString("en")} tokens of caches`;
  const says = { "data-id": model, "aria-label": `${model}, ${cards}, ${caches}` };
  const name = make("span", { class: "name" }, model, make("small", {}, `${cards}, ${caches}`));
  const id = `pick-${slug(model)}`;
  return make("li", { role: "option", class: "option", id, ...says, "aria-selected": "false" }, name);
}
