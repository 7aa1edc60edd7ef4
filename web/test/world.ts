// A small world for the tests: three levers, two presets, one event of each kind.
import type { Meta, Policy } from "../src/contract";

const text = (en: string, fa = en) => ({ en, fa });

export const policy = (change: Partial<Policy> = {}): Policy => ({
  title: text("own", "خودم"),
  set: {},
  later: [],
  shocks: [],
  ...change,
});

const lever = { group: text("g"), meaning: text("m"), evidence: text("e"), unit: text("") };

export const ELDERS = policy({ title: text("Elders", "سالمندان"), set: { "council.size": 9, "mayor.seats": 3 } });
export const NOTHING = policy({ title: text("As it is", "وضع موجود") });

export const meta: Meta = {
  version: "1",
  model: "abc",
  seed: 0,
  city: { title: text("City"), digest: "c0ffee", residents: 1, note: text("") },
  weeks: 260,
  dates: [],
  phases: [],
  levers: [
    { ...lever, key: "share", name: text("s"), kind: "number", default: 0.5, stored: [0, 1] },
    { ...lever, key: "council.size", name: text("c"), kind: "number", default: 5, stored: [] },
    { ...lever, key: "hub.kinds", name: text("h"), kind: "choice", default: ["mosque"], stored: [] },
  ],
  own: { share: 0.5, "council.size": 5, "hub.kinds": ["mosque"], "mayor.seats": 2, roll: [{ week: 3, share: 0.5 }] },
  shock: { kind: "scandal", week: 0, size: 1, share_of_neighbourhoods: 1, blamed: "municipality" },
  events: [
    { kind: "cut", name: text("cut"), meaning: text(""), week: 104, later: { level: "size" } },
    { kind: "end", name: text("end"), meaning: text(""), week: 104, later: { mode: "top_down" } },
    {
      kind: "scandal",
      name: text("scandal"),
      meaning: text(""),
      week: 104,
      shock: { kind: "scandal", share_of_neighbourhoods: 1 },
    },
  ],
  presets: [
    { name: "elders", title: ELDERS.title, description: text(""), policy: ELDERS },
    { name: "nothing", title: NOTHING.title, description: text(""), policy: NOTHING },
  ],
  baseline: "nothing",
  first: ["elders"],
  outcomes: [],
  places: [],
  claims: [],
  words: {},
  limits: { policies: 4, pairs: 20, upload: 1000 },
  live: true,
};
