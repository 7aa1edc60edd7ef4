// The whole state in the address, after the "#": "1." and JSON as base64url. Whatever else stands there is refused.
import { effect } from "@preact/signals";
import type { Lang, Meta, Policy, Question, Value } from "./contract";
import { plainPolicy, presetOf } from "./policy";
import { ask, meta, notice, question, steps, tab } from "./state";
import { LANGUAGES, lang, wordText } from "./text";

const FORM = "1."; // of this form; another gets another number
const LONGEST = 20_000; // letters

export interface Linked {
  lang: Lang;
  version: string;
  model: string;
  city: string;
  seed: number;
  tab: number;
  question: Question;
}

interface Written {
  v: string;
  m: string;
  c: string;
  s: number;
  l: Lang;
  t: number;
  b: WrittenPolicy;
  p: WrittenPolicy[];
}

interface WrittenPolicy {
  n?: [string, string]; // title in English and Persian; a preset's own is left out
  s?: Policy["set"];
  l?: Policy["later"];
  h?: Policy["shocks"];
}

/** The address of the page in its present state, without the page's own part. */
export function hashOf(asked: Question, at: number, language: Lang, of: Meta): string {
  const written: Written = {
    v: of.version,
    m: of.model,
    c: of.city.digest,
    s: of.seed,
    l: language,
    t: at,
    b: inShort(asked.base, of),
    p: asked.policies.map((policy) => inShort(policy, of)),
  };
  return `#${FORM}${toBase64(JSON.stringify(written))}`;
}

/**
 * What a link says.
 * @throws Error: it is none of ours, or is damaged.
 */
export function readHash(hash: string, of: Meta): Linked {
  if (!hash.startsWith(`#${FORM}`) || hash.length > LONGEST) throw new Error("not a link of this form");
  const data: unknown = JSON.parse(fromBase64(hash.slice(1 + FORM.length)));
  const { v, m, c = of.city.digest, s, l, t, b, p } = record(data);
  if (!Array.isArray(p) || p.length < 1 || p.length > of.limits.policies) throw new Error("number of policies");
  return {
    version: string(v),
    model: string(m),
    city: string(c),
    seed: finite(s),
    lang: LANGUAGES.find((one) => one === l) ?? "en",
    tab: Math.min(Math.max(0, Math.trunc(finite(t))), p.length - 1),
    question: { base: policyIn(b, of), policies: p.map((one) => policyIn(one, of)) },
  };
}

/** Open the page with what its address says; a bad link says so, and the page starts afresh. */
export function followLink(of: Meta): Question | null {
  if (location.hash.length <= 1) return null;
  try {
    const linked = readHash(location.hash, of);
    lang.value = linked.lang;
    tab.value = linked.tab;
    if (linked.city !== of.city.digest) notice.value = wordText("notice.city_changed");
    else if (linked.model !== of.model)
      notice.value = wordText("notice.model_changed", { old: linked.model, now: of.model });
    else if (linked.seed !== of.seed)
      notice.value = wordText("notice.seed_changed", { old: linked.seed, now: of.seed });
    return linked.question;
  } catch {
    notice.value = wordText("notice.bad_link");
    return null;
  }
}

/**
 * Keep the address in step with the page, and the page with an address that is typed or pasted, or that the browser goes
 * back to. Each step of the question is one in the browser's history.
 */
export function keepAddress(): void {
  let told = steps.peek();
  let following = false; // an address that came from outside stands in the history already
  effect(() => {
    const hash = hashOf(question.value, tab.value, lang.value, meta);
    const isStep = steps.peek() !== told;
    told = steps.peek();
    if (hash === location.hash) return;
    if (isStep && !following) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
  });
  addEventListener("hashchange", () => {
    const asked = followLink(meta);
    if (!asked) return;
    following = true;
    ask(asked);
    following = false;
  });
}

function inShort(policy: Policy, of: Meta): WrittenPolicy {
  const { set, later, shocks } = plainPolicy(policy, of);
  const preset = presetOf(policy, of);
  const named = preset?.title.en === policy.title.en && preset.title.fa === policy.title.fa;
  return {
    ...(named ? {} : { n: [policy.title.en, policy.title.fa] }),
    ...(Object.keys(set).length ? { s: set } : {}),
    ...(later.length ? { l: later } : {}),
    ...(shocks.length ? { h: shocks } : {}),
  };
}

function policyIn(data: unknown, of: Meta): Policy {
  const { n, s = {}, l = [], h = [] } = record(data);
  const bare: Policy = {
    title: { en: "", fa: "" },
    set: valuesIn(s),
    later: list(l).map((one) => {
      const { start, end, set } = record(one);
      return { start: finite(start), end: end == null ? null : finite(end), set: valuesIn(set) };
    }),
    shocks: list(h).map((one) => {
      const { kind, week, size, share_of_neighbourhoods, blamed } = record(one);
      return {
        kind: string(kind),
        week: finite(week),
        ...(size == null ? {} : { size: finite(size) }),
        ...(share_of_neighbourhoods == null ? {} : { share_of_neighbourhoods: finite(share_of_neighbourhoods) }),
        ...(blamed == null ? {} : { blamed: string(blamed) }),
      };
    }),
  };
  if (n === undefined) {
    const preset = presetOf(bare, of);
    if (preset) return preset.policy;
    return { ...bare, title: { en: "—", fa: "—" } }; // a preset of another version
  }
  const [en, fa] = list(n);
  return { ...bare, title: { en: string(en), fa: string(fa) } };
}

function valuesIn(data: unknown): Record<string, Value> {
  return Object.fromEntries(Object.entries(record(data)).map(([key, value]) => [key, valueIn(value)]));
}

function valueIn(value: unknown): Value {
  if (typeof value === "number") return finite(value);
  if (typeof value === "boolean" || typeof value === "string") return value;
  const items = list(value);
  if (items.every((item) => typeof item === "string")) return items;
  return items.map((item) => {
    const fields = Object.entries(record(item)).map(([key, number]) => [key, finite(number)] as const);
    return Object.fromEntries(fields);
  });
}

function record(data: unknown): Record<string, unknown> {
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw new Error("not an object");
  return data as Record<string, unknown>;
}

function list(data: unknown): unknown[] {
  if (!Array.isArray(data)) throw new Error("not a list");
  return data;
}

function string(data: unknown): string {
  if (typeof data !== "string") throw new Error("not a text");
  return data;
}

function finite(data: unknown): number {
  if (typeof data !== "number" || !Number.isFinite(data)) throw new Error("not a number");
  return data;
}

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function fromBase64(text: string): string {
  const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
}
