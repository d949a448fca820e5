// A box to find models in: a combobox whose list shows prices, context, what is new and what ends.
// Keys are those of https://www.w3.org/WAI/ARIA/apg/patterns/combobox/; the right arrow unfolds the hosts of a model.

import { options as deployed } from "./deployments.js";
import { badge, make, slug } from "./elements.js";
import { coming, models, priced, providerName, search, short } from "./models.js";
import { attempt } from "./server.js";

const MOST = 60;

/** Build the box into a place; `take` gets the id that was chosen. */
export function picker(place, take) {
  const box = make("input", {
    id: "new-model", role: "combobox", placeholder: "opus, 70b@p5 …", spellcheck: "false",
    autocomplete: "off", "aria-expanded": "false", "aria-controls": "known-models", "aria-autocomplete": "list",
    "aria-describedby": "model-fault",
  });
  // Without a tabindex a list that scrolls would be a stop of the Tab key, on which it closes.
  const list = make("ul", { id: "known-models", role: "listbox", "aria-label": "Models found", tabindex: "-1" });
  const columns = ["input", "cached", "output", "context"].map((text) => make("span", {}, text));
  const head = make("p", { class: "head", "aria-hidden": "true" }, "per 1M tokens",
    make("span", { class: "rates" }, ...columns));
  const popup = make("div", { class: "popup", hidden: true }, head, list);
  const status = make("p", { class: "unseen", role: "status" });
  place.append(box, popup, status);
  const state = { active: -1, unfolded: new Set(), asked: 0 };
  const options = () => [...list.querySelectorAll("[role=option]")];

  function activate(index) {
    const all = options();
    state.active = all.length ? (index + all.length) % all.length : -1;
    for (const [place, option] of all.entries()) option.setAttribute("aria-selected", String(place === state.active));
    const active = all[state.active];
    active?.scrollIntoView({ block: "nearest" });
    if (active) box.setAttribute("aria-activedescendant", active.id);
    else box.removeAttribute("aria-activedescendant");
  }

  /** Models of a maker or a host; those that are no longer sold only where something is searched. */
  async function matching() {
    const list = await models();
    const groups = search(box.value.trim() ? list : list.filter(({ gone }) => !gone), box.value).slice(0, MOST);
    return groups.map((group) => shown(group, state.unfolded, box.value));
  }

  function note(text) {
    list.replaceChildren(make("li", { class: "none", role: "presentation" }, text));
  }

  async function show() {
    const asked = ++state.asked;
    if (!list.firstChild) note("Looking up the models …");
    popup.hidden = false;
    box.setAttribute("aria-expanded", "true");
    const find = () => (box.value.includes("@") ? deployed(box.value, MOST) : matching());
    const groups = await attempt(find, ({ message }) => note(status.textContent = message));
    // No list came, a later key is being answered, or the list was closed.
    if (!groups || asked !== state.asked) return;
    list.replaceChildren(...groups.flat());
    if (!groups.length) note("No model matches.");
    status.textContent = groups.length ? `${groups.length} models` : "No model matches";
    activate(box.value.trim() ? 0 : -1);
  }

  function close() {
    state.asked += 1;
    popup.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    box.value = "";
    close();
    take(option.dataset.id);
  }

  function unfold(option, whether) {
    const { group } = option?.dataset ?? {};
    if (!group || state.unfolded.has(group) === whether) return false;
    if (whether) state.unfolded.add(group);
    else state.unfolded.delete(group);
    const at = state.active;
    show().then(() => activate(at));
    return true;
  }

  async function pressed(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      event.preventDefault();
      if (popup.hidden || !options().length) await show();
      activate(state.active + moves[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (popup.hidden || state.active < 0) await show();
      const option = options()[state.active];
      if (option) choose(option);
    } else if (event.key === "Escape" && !popup.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowRight" && box.selectionStart === box.value.length) {
      if (unfold(options()[state.active], true)) event.preventDefault();
    } else if (event.key === "ArrowLeft" && unfold(options()[state.active], false)) {
      event.preventDefault();
    }
  }

  box.addEventListener("focus", show);
  box.addEventListener("click", show);
  box.addEventListener("input", show);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", pressed);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the box keeps the focus
    const option = event.target.closest("[role=option]");
    if (!option) return;
    const more = event.target.closest(".hosts");
    state.active = options().indexOf(option);
    if (more) unfold(option, !state.unfolded.has(option.dataset.group));
    else choose(option);
  });
  return box;
}

/** A model and its hosts: folded unless they were unfolded, or a host is what was searched for. */
function shown([first, ...hosts], unfolded, text) {
  const key = `${first.maker} ${first.base}`;
  const wanted = hosts.some((host) => text.trim() && [host.provider, providerName(host.provider).toLowerCase()]
    .some((name) => text.toLowerCase().includes(name)));
  const open = wanted || unfolded.has(key);
  const more = hosts.length ? `${open ? "▾" : "▸"} ${hosts.length} ${hosts.length > 1 ? "hosts" : "host"}` : "";
  return [
    option(first, { more, group: hosts.length ? key : "" }),
    ...(open ? hosts : []).map((host) => option(host, {})),
  ];
}

function option(model, { more = "", group = null }) {
  const [input, cached, output] = priced(model);
  const rates = make("span", { class: "rates" }, ...[input, cached, output].map((text) => make("span", {}, text)),
    make("span", { class: "size" }, short(model.context)));
  const name = make("span", { class: "name" }, model.base, make("small", {}, providerName(model.provider)),
    badge(model.fresh ? "new" : "", "new"), badge(coming(model), "ends"), badge(more, "hosts"));
  const spoken = [
    model.name, providerName(model.provider), `input ${input}`, `cached ${cached}`,
    `output ${output} per million tokens`,
    `context ${short(model.context)}`, model.fresh ? "new" : "", coming(model),
    more ? `${more.slice(2)}, right arrow to list them` : "",
  ].filter(Boolean).join(", ");
  const kind = group === null ? "option host" : "option";
  return make("li", { role: "option", class: kind, id: `pick-${slug(model.id)}`,
    "data-id": model.id, "data-group": group,
    "aria-label": spoken, "aria-selected": "false" }, name, rates);
}
