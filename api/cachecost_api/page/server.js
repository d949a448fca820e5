// Asking this server, and nobody else: the newest question of a kind overtakes the ones before it.

import { asQuery } from "./question.js";

const running = new Map();
const timers = new Map();

/** What the server refuses, in its own words; `errors` say which word of the question each is about. */
export class Problem extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "the server refused the question");
    this.errors = problem.errors ?? [];
  }
}

const BUSY = [503, 504];
const PAUSE = 1000;

/** The answer of a route as a response; a Problem where there is none, an AbortError where a newer question came.
 *  `send` is a body with its method, and `progress` that hears how much of it was sent and read; a server that is busy,
 *  as when it has just begun, is asked again. */
export async function ask(route, words = [], kind = route, send = {}, tries = 5) {
  running.get(kind)?.abort();
  const control = new AbortController();
  running.set(kind, control);
  const response = await reached(address(route, words), { ...send, signal: control.signal });
  if (response.ok) return response;
  if (BUSY.includes(response.status) && tries) {
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    if (running.get(kind) !== control) throw new DOMException("a newer question came", "AbortError");
    return ask(route, words, kind, send, tries - 1);
  }
  const problem = await response.json().catch(() => ({}));
  throw new Problem({ title: `the server answered ${response.status}`, ...problem });
}

/** The same answer, as JSON. */
export async function json(...question) {
  const response = await ask(...question);
  return response.json();
}

/** What asks a route once for a visit, and again where that failed; `shown` makes of the answer what is kept. */
export function once(route, words, shown) {
  let loading = null;
  return () => {
    loading ??= json(route, words).then(shown, (error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

async function reached(url, how) {
  try {
    return await (how.progress ? uploaded(url, how) : fetch(url, how));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ detail: "the server does not answer; is it still running?" });
  }
}

/** As fetch, which says nothing of how much has been sent; the server answers in lines how much of it was read. */
function uploaded(url, { method, body, signal, progress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lines = () => request.responseText.split("\n").slice(0, -1);
    request.open(method, url);
    request.setRequestHeader("Accept", "application/x-ndjson");
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      progress({ stage: "sending", bytes: loaded, of: total }));
    request.addEventListener("progress", () => {
      const far = lines().map((line) => JSON.parse(line).progress).findLast(Boolean);
      if (far) progress(far);
    });
    request.addEventListener("load", () => resolve(last(request, lines())));
    request.addEventListener("error", () => reject(new TypeError("the upload failed")));
    request.addEventListener("abort", () => reject(new DOMException("a newer question came", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** The answer, or the problem, in the last line. */
function last({ status, responseText }, lines) {
  if (status !== 200) return new Response(responseText, { status });
  const { answer, problem } = JSON.parse(lines.at(-1));
  return new Response(JSON.stringify(answer ?? problem), { status: answer ? 200 : problem.status });
}

/** The whole address of a question to a route. */
export function address(route, words) {
  const url = new URL(route, document.baseURI);
  return words.length ? `${url.origin}${url.pathname}?${asQuery(words)}` : `${url.origin}${url.pathname}`;
}

/** What an action returns that asks the server; nothing where a newer question came, or where it was `refused`, which
 *  gets the problem. */
export async function attempt(action, refused) {
  try {
    return await action();
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    if (!(error instanceof Problem)) throw error;
    refused(error);
    return undefined;
  }
}

/** Do something a while from now, unless it is asked for again before. */
export function later(name, wait, action) {
  clearTimeout(timers.get(name));
  timers.set(name, setTimeout(action, wait));
}
