// Questions that many people have, one press each, and how much a number of tokens is to a person.

import { button } from "./elements.js";
import { number } from "./sliders.js";

const PRESETS = [
  {
    name: "Chat with a PDF",
    title: "A report of 150,000 tokens, 20 questions, one every 2 minutes",
    words: [["context", "150K"], ["queries", "20"], ["question", "100"], ["answer", "400"], ["every", "2m"]],
  },
  {
    name: "Coding agent",
    title: "40 turns that begin at 30,000 tokens and grow by 3,000 of tool results each",
    words: [["context", "30K"], ["turns", "40"], ["tools", "3K"], ["question", "100"], ["answer", "700"]],
  },
  {
    name: "RAG",
    title: "A shared prefix of 6,000 tokens, 2,000 of passages with each of 500 questions, one every 30 seconds",
    words: [["context", "6K"], ["queries", "500"], ["question", "2K"], ["answer", "400"], ["every", "30s"]],
  },
  {
    name: "Support bot",
    title: "A handbook of 25,000 tokens, 30 questions an hour at random, 200 of them",
    words: [["context", "25K"], ["queries", "200"], ["question", "150"], ["answer", "250"], ["rate", "30/h"],
      ["arrivals", "poisson"]],
  },
  {
    name: "Video archive",
    title: "About 50 minutes of video, 900,000 tokens, 12 questions over a working day",
    words: [["context", "900K"], ["queries", "12"], ["question", "100"], ["answer", "500"], ["over", "8h"]],
  },
];

/** Buttons of the presets; `chosen` gets the words of one, without models. */
export function presets(chosen) {
  return PRESETS.map(({ name, title, words }) => button({ title }, () => chosen(words), name));
}

// https://help.openai.com/en/articles/4936856: a token is about three quarters of an English word.
const WORDS = 0.75;
const WORDS_A_PAGE = 500;

/** `about 110,000 words of English, 230 pages`, to two digits; nothing for what is no number. */
export function human(text) {
  const tokens = number(text);
  if (!(tokens >= 100)) return "";
  const words = rough(tokens * WORDS);
  const pages = rough((tokens * WORDS) / WORDS_A_PAGE);
  return `Context: about ${words} words of English, ${pages} ${pages === "1" ? "page" : "pages"}`;
}

function rough(value) {
  return Number(Math.max(1, value).toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: 0 });
}
