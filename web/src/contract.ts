// What the server, or the exported file, gives the page. The page computes no statistics and writes no sentences:
// numbers, words and their rules come from Python (experiments/answers, experiments/page).

export type Lang = "en" | "fa";
export type Text = Record<Lang, string>;
export type Value = number | boolean | string | string[] | Record<string, number>[];

/** Levers that change from one week to another, and shocks: the content of a policy file. */
export interface Policy {
  title: Text;
  set: Record<string, Value>; // dotted keys below `policy`
  later: { start: number; end?: number | null; set: Record<string, Value> }[];
  shocks: { kind: string; week: number; size?: number; share_of_neighbourhoods?: number; blamed?: string }[];
}

/** What is compared: a baseline and one to four policies. It stands in the URL. */
export interface Question {
  base: Policy;
  policies: Policy[];
}

export interface Choice {
  value: Value;
  name: Text;
}

export interface Lever {
  key: string; // without "policy."
  group: Text; // heading under which it stands
  name: Text;
  meaning: Text; // one sentence
  evidence: Text; // where its value comes from, claims marked as claims
  kind: "number" | "choice" | "flag";
  default: Value; // the city's own
  unit: Text;
  minimum?: number; // of numbers
  maximum?: number;
  step?: number;
  percent?: boolean; // shown times 100 with a per-cent sign
  stored: Value[]; // values at which an answer is stored
  choices?: Choice[];
}

/** Something that may be added to a policy at a week of one's choosing. */
export interface Event {
  kind: string; // "budget_cut", "programme_ended", "late_payments", "scandal", "facilitator_replaced" …
  name: Text;
  meaning: Text;
  week: number; // by default
  size?: { minimum: number; maximum: number; step: number; default: number; name: Text };
  // How it is written into a policy: `later.set` with `key: value` (value "size" stands for the size), or a shock.
  later?: Record<string, Value | "size">;
  shock?: { kind: string; share_of_neighbourhoods: number; blamed?: string };
}

export interface Preset {
  name: string; // of the policy file
  title: Text;
  description: Text;
  policy: Policy;
}

export interface Place {
  number: number;
  name: Text;
  rings: [number, number][][]; // outer rings of its outline, in kilometres, y up
  centre: [number, number];
  residents: number;
}

export interface Outcome {
  name: string;
  title: Text;
  unit: Text; // of differences: "points of 100", "bn toman"
  factor: number; // values are multiplied by it before they are shown (100 for shares)
  better: "highest" | "lowest" | null;
  meaning: Text;
}

export interface Claim {
  title: Text;
  claimed: number;
  outcome: string | null;
  week: number;
  text: Text; // a sentence: who claims what; marked as a claim
}

export interface Meta {
  version: string;
  model: string; // digest of the model, twelve letters
  seed: number;
  // digest: what of the city decides its runs, sixteen letters; note: what the map is (drawn or a file)
  city: { title: Text; digest: string; residents: number; note: Text };
  weeks: number; // length of a run
  dates: Text[]; // of each week from 0, "14 Ordibehesht 1402"
  phases: { start: number; name: Text }[];
  levers: Lever[];
  own: Record<string, Value>; // the city's own value of every key below `policy`, those without a lever included
  shock: Required<Policy["shocks"][number]>; // what a shock leaves out is this
  events: Event[];
  presets: Preset[];
  baseline: string; // preset that is the baseline at first
  first: string[]; // presets compared with it at first
  outcomes: Outcome[]; // with curves, maps or groups, in order
  places: Place[];
  claims: Claim[];
  claims_meaning: Text; // how claims may be read
  words: Record<string, Text>; // all words of the page by key; {name} is replaced
  limits: { policies: number; pairs: number; upload: number };
  live: boolean; // false in an exported file
  exported?: Text; // day of the export
}

/** One difference: numbers for charts, words for people. Nothing where there are fewer than three pairs. */
export interface Difference {
  base: number | null;
  policy: number | null;
  difference: number | null;
  low: number | null; // of the interval; null before three pairs
  high: number | null;
  least: number | null; // the least difference that matters
  verdict: "better" | "worse" | "may be better" | "may be worse" | "none" | "changed" | "unknown";
  effect: Text; // "rises", "little or no difference" …
  shown: { base: Text; policy: Text; difference: Text; interval: Text; least: Text };
}

export interface Finding extends Difference {
  outcome: string;
  title: Text;
  unit: Text;
  sentence: Text;
  certainty?: Text; // of findings of the city: how sure one may be, "low"
}

export interface GroupFinding extends Finding {
  group: string; // "cohort=youth"
  group_title: Text; // "youth (since 2001)"
  kind: string; // "cohort"
  kind_title: Text; // "age"
}

export interface PlaceFinding {
  number: number;
  difference: number;
  low: number | null; // simultaneous for all neighbourhoods
  high: number | null;
  verdict: Difference["verdict"];
  shown: { difference: Text; interval: Text };
}

export interface Curve {
  outcome: string;
  weeks: number[];
  base: number[]; // mean over pairs
  policy: number[];
  difference: number[];
  low: (number | null)[];
  high: (number | null)[];
  text: Text; // what the curve shows, in a sentence: the text alternative of its chart
}

export interface PolicyAnswer {
  title: Text;
  changes: Text; // what it does otherwise than the baseline, in a sentence; empty if nothing
  headline_lines: Text[]; // what to say first: the balance, then losses, gains and the rest, a line each
  findings: Finding[]; // of the city at the last week
  losers: GroupFinding[]; // worse, or may be; the largest first
  gainers: GroupFinding[];
  groups: GroupFinding[]; // all
  groups_text: Text;
  worn_out: Text; // volunteers and members who burn out; empty where no more of them do
  curves: Curve[];
  maps: { outcome: string; places: PlaceFinding[]; text: Text }[];
  money: Text[]; // what it costs, and effect per money, a sentence each
  worse: Text[]; // in how many of the pairs it is worse than the baseline, a sentence each
  flips: Text[]; // what would change the answer
  certainty: { level: string; title: Text; reasons: Text[] };
  construction: Text[]; // what is so by construction of the model
}

export interface Answer {
  source: "stored" | "live";
  source_text: Text; // "stored: 20 pairs", "live: 7 of 20 pairs"
  pairs: number; // complete ones
  wanted: number;
  week: number; // of the findings; before the last one while a live run is under way
  base: { title: Text };
  policies: PolicyAnswer[];
  level: Text; // of the intervals, such as "95 %"
  cautions: Text[]; // what intervals cover and do not cover
}

/** The data inside an exported file, packed (experiments/page/export.py): `<script id="mahalle-data">`. */
export interface Exported {
  meta: Meta; // live: false
  cells: Partial<Policy>[]; // policies by number
  answers: Record<string, Answer>; // by "<number of the baseline>-<number of the policy>"; each has one policy
}

// ------------------------------------------------------------------ the server's addresses
// GET  /api/meta                      -> Meta
// POST /api/stored   Question         -> Stored   (answer null: nothing stored: run it)
// GET  /api/live?q=<encoded question> -> server-sent events: "answer" (Answer), "progress" (Progress), "done", "fault" (Fault)
// POST /api/yaml     Policy           -> text/yaml                         (save)
// POST /api/policy   text of a file   -> { policy: Policy } or Fault       (load; 422)
// POST /api/brief?lang=fa&q=…         -> text/html, one self-contained file of the newest answer to that question
// POST /api/table?q=…                 -> text/csv of the newest answer to that question
// POST /api/watch    { policy, replication } -> { id, frame: Frame }
// POST /api/watch/<id>/step { weeks }        -> Frame
// GET  /api/watch/<id>/neighbourhood/<n>     -> Neighbourhood
// GET  /api/watch/<id>/agent/<kind>/<n>      -> Inspected          (kind: resident, council, facilitator, municipality)
// Faults: status 4xx and { fault: Text }.

export interface Stored {
  answer: Answer | null;
  missing: Text | null; // why there is no answer
}

export interface Progress {
  pairs: number;
  wanted: number;
  weeks: number; // simulated so far of the newest pair
  text: Text;
}

export interface Fault {
  fault: Text;
}

export interface Frame {
  week: number;
  date: Text;
  city: { title: Text; shown: Text }[]; // a few outcomes now
  places: Record<string, number[]>; // by outcome, one value a neighbourhood
  events: Text[]; // what happened in the weeks stepped over
  done: boolean;
}

export interface Neighbourhood {
  number: number;
  title: Text;
  nodes: { id: number; trust: number; group: string; active: boolean; seat: boolean }[]; // at most 150 residents
  ties: [number, number, string][]; // positions in nodes, and kind
  kinds: Record<string, Text>; // of ties
  sampled: Text; // "150 of 320 simulated residents are drawn"
}

export interface Inspected {
  title: Text;
  facts: { name: Text; shown: Text }[];
}
