// Asking this server, and nobody else: the newest question of a kind overtakes the ones before it.

import { asQuery } from "./question.js";

const running = new Map();

/** What the server refuses, in its own words; `errors` say which word of the question each is about. */
export class Problem extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "the server refused the question");
    this.errors = problem.errors ?? [];
  }
}

/** The answer of a route as a response; a Problem where there is none, an AbortError where a newer question came. */
export async function ask(route, words = [], kind = route) {
  running.get(kind)?.abort();
  const control = new AbortController();
  running.set(kind, control);
  const response = await reached(address(route, words), control.signal);
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem({ title: `the server answered ${response.status}`, ...problem });
}

async function reached(url, signal) {
  try {
    return await fetch(url, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ detail: "the server does not answer; is it still running?" });
  }
}

/** The whole address of a question to a route. */
export function address(route, words) {
  const url = new URL(route, document.baseURI);
  return words.length ? `${url.origin}${url.pathname}?${asQuery(words)}` : `${url.origin}${url.pathname}`;
}

/** Why there is no answer, in the server's words where it gave any. */
export function refusal(error) {
  if (!(error instanceof Problem)) throw error;
  return error.message;
}
