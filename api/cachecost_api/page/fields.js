// The words of a question as fields: what each is called, how it is written, where it stands in the form.

const ARRIVE = {
  even: [["even", "evenly"]],
  random: [["even", "evenly"], ["random", "at random"]],
  poisson: [["even", "evenly"], ["poisson", "Poisson"]],
};

/** How queries come -> what the list says, and the fields that this way has. */
export const WAYS = [
  { way: "together", text: "all within one time to live", fields: [] },
  { way: "every", text: "one every …", fields: [{ name: "every", label: "Every", hint: "5m, 1h30m", first: "10m" }] },
  {
    way: "over",
    text: "spread over …",
    fields: [
      { name: "over", label: "Over", hint: "8h, 1d", first: "8h" },
      { name: "arrivals", id: "over-arrivals", label: "Arrivals", initial: "even", options: ARRIVE.random },
    ],
  },
  {
    way: "rate",
    text: "at a rate of …",
    fields: [
      { name: "rate", label: "Rate", hint: "12/h, 3/d", first: "12/h" },
      { name: "arrivals", id: "rate-arrivals", label: "Arrivals", initial: "even", options: ARRIVE.poisson },
    ],
  },
  {
    way: "burst",
    text: "in bursts of …",
    fields: [{ name: "burst", label: "Bursts", hint: "10@5m: ten, every 5 min", first: "5@10m" }],
  },
  {
    way: "times",
    text: "at given instants",
    fields: [{ name: "times", label: "Instants", hint: "2026-08-10T02:00Z, …", first: "", many: true }],
  },
  {
    way: "turns",
    text: "as turns of a conversation",
    fields: [
      { name: "turns", label: "Turns", hint: "how many", first: "20" },
      { name: "tools", label: "Tool results", hint: "tokens", initial: "0" },
    ],
  },
];

/** What every question says. */
export const SIZES = [
  { name: "context", label: "Context", hint: "128k, 1M" },
  { name: "queries", label: "Queries", initial: "10" },
  { name: "question", label: "Question", hint: "tokens", initial: "200" },
  { name: "answer", label: "Answer", hint: "tokens", initial: "500" },
];

/** What a context holds beside text. */
export const MEDIA = [
  { name: "pages", label: "Pages of PDFs", hint: "400" },
  { name: "images", label: "Images", hint: "30@1024x1024", many: true },
  { name: "audio", label: "Sound", hint: "90m" },
  { name: "video", label: "Video", hint: "2h" },
];

/** What few questions say, in pairs, and below them one in a line. */
export const MORE = {
  pairs: [
    ...MEDIA,
    { name: "as_of", label: "Prices of", hint: "2024-05-25", placeholder: "now" },
    { name: "hit_share", label: "Hit rate", hint: "0.75, 75%", placeholder: "1" },
    { name: "generation", label: "An answer takes", hint: "40s", initial: "0s" },
    { name: "hold", label: "Cache exists", hint: "8h", placeholder: "as needed" },
    {
      name: "billed_per",
      label: "Rent by started",
      options: [["", "as sold"], ["second", "second"], ["minute", "minute"], ["hour", "hour"]],
    },
    { name: "creation", label: "Filling a cache", options: [["", "as sold"], ["input", "as input"], ["free", "free"]] },
    {
      name: "first_query",
      label: "The first query",
      initial: "reads",
      options: [["reads", "reads cache"], ["creates", "creates cache"]],
    },
    { name: "service", label: "Service", initial: "standard", offers: ["standard", "batch", "flex", "priority"] },
    { name: "region", label: "Region", hint: "us" },
    { name: "pings", label: "Most pings", hint: "3", placeholder: "no limit" },
    { name: "for", label: "At that pace for", hint: "30d", placeholder: "its queries" },
    { name: "discount", label: "Discount", hint: "15%", placeholder: "none" },
    {
      name: "kv",
      label: "Deployment's caches",
      placeholder: "bf16",
      offers: ["fp32", "bf16", "fp16", "fp8", "int8", "q8_0", "q4_0", "fp4"],
    },
    { name: "weights", label: "Its weights", placeholder: "as released", offers: ["bf16", "fp8", "int4"] },
    {
      name: "attention",
      label: "Its cards split",
      options: [["", "as usual"], ["tensor", "heads"], ["data", "requests"]],
    },
    { name: "use", label: "Its hours used", hint: "40%", placeholder: "all" },
    { name: "batch", label: "Its batch", hint: "requests", placeholder: "up to 256" },
    { name: "efficiency", label: "Its efficiency", hint: "45%,30%" },
    {
      name: "pool",
      label: "Its spare memory",
      options: [["", "as usual"], ["full", "full price"], ["free", "is free"]],
    },
    { name: "exchange", label: "Exchange", hint: "CNY=0.14" },
  ],
  lines: [
    { name: "office", label: "Only in these hours", hint: "mon-fri 09:00-17:00", placeholder: "day and night" },
    { name: "eviction", label: "Entries lost early", hint: "10m:8%,20m:13%", placeholder: "none" },
    {
      name: "strategy",
      label: "Only these strategies",
      hint: "fresh written:5m",
      placeholder: "all that are sold",
      many: true,
    },
    { name: "dedicated", label: "Bill a deployment's whole machine", check: true },
    { name: "thinking", label: "Rates of thinking mode, where they differ", check: true },
  ],
};
