// A form that asks as it is typed into: words into the address, quick keys answered together, the newest answer shown.

import * as address from "./address.js";
import * as chips from "./chips.js";
import { at } from "./elements.js";
import { MEDIA } from "./fields.js";
import { build } from "./form.js";
import * as faults from "./faults.js";
import { picker } from "./picker.js";
import { human, presets } from "./presets.js";
import * as question from "./question.js";
import { asked } from "./notes.js";
import { attempt, json, later, Problem } from "./server.js";
import * as sliders from "./sliders.js";

const PAUSE = { key: 25, quick: 100, rest: 200 };
const NEEDED = [
  { any: ["model"], detail: "name at least one" },
  {
    any: ["context", ...MEDIA.map(({ name }) => name)],
    detail: "say how many tokens, such as 100K, or give pages, images, sound or video",
  },
];
let lastKey = 0;

/** Show an answer's head, and what is below it: its sentence, as `nodes` where a part stands out, and the question in
 *  one line. */
export function headed(answer, sentence, nodes = [sentence]) {
  at("answers").hidden = false;
  at("sentence").replaceChildren(...nodes);
  at("asked").textContent = asked(answer);
  document.title = `${sentence.split(":")[0]} · cachecost`;
}

/** Make the form of a page and ask `solve(words)` whenever its words change. */
export function asking(form, solve) {
  build(form);

  async function answer() {
    const words = question.fromForm(form);
    at("human").textContent = human(form.querySelector("#context").value);
    address.hold(words);
    for (const link of document.querySelectorAll("[data-asks]")) link.search = question.asQuery(words);
    await attempt(async () => {
      for (const { any, detail } of NEEDED) {
        if (words.some(([word]) => any.includes(word))) continue;
        throw new Problem({ detail: `${any[0]}: ${detail}`, errors: [{ parameter: any[0], detail }] });
      }
      await solve(words);
      later("names", PAUSE.rest, () => chips.name(form).catch(() => {})); // ids serve too
      faults.clear(form);
      document.body.classList.remove("stale");
    }, (problem) => {
      document.body.classList.add("stale");
      faults.say(form, problem);
      if (at("answers").hidden) at("sentence").textContent = "This question has no answer yet.";
    });
  }

  /** A first key is answered at once; keys that follow quickly are answered together. */
  function typed() {
    const quick = performance.now() - lastKey < PAUSE.quick;
    lastKey = performance.now();
    later("key", quick ? PAUSE.key : 0, answer);
  }

  function changed() {
    address.said();
    answer();
  }

  function open() {
    const words = question.fromAddress(location.search || `?${question.EXAMPLE}`);
    question.intoForm(form, address.asksNow() ? words.filter(([word]) => word !== "as_of") : words);
    address.opened(question.fromForm(form));
    answer();
  }

  function choose(words) {
    const models = question.fromForm(form).filter(([word]) => word === "model");
    question.intoForm(form, [...models, ...words]);
    changed();
  }

  async function five() {
    const words = question.fromForm(form).filter(([word]) => !["model", "strategy"].includes(word));
    await attempt(async () => {
      const survey = await json("v1/plan", [...words, ["all", "true"]]);
      const cheapest = survey.models.filter(({ status, free }) => status === "ok" && !free).slice(0, 5);
      form.querySelector("#models").replaceChildren();
      for (const { model } of cheapest) chips.add(form, model);
      changed();
    }, (problem) => faults.say(form, problem));
  }

  at("presets").append(...presets(choose));
  picker(form.querySelector("#picker"), (id) => {
    chips.add(form, id);
    changed();
  });
  form.querySelector("#five").addEventListener("click", five);
  form.addEventListener("submit", (event) => event.preventDefault());
  sliders.tend(form);
  form.addEventListener("input", ({ target }) => {
    if (target.id === "come" || target.type === "range") question.showWay(form);
    else sliders.show(form);
    if (target.id !== "new-model") typed();
  });
  form.addEventListener("change", () => later("said", PAUSE.rest, address.said));
  chips.tend(form, changed);
  at("skip").addEventListener("click", (event) => {
    // The address holds the question and nothing else, so no #answers.
    event.preventDefault();
    at("answers").focus();
  });
  addEventListener("popstate", open);
  open();
}
