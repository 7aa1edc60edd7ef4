// What can be done to a policy. Policies are never changed in place: each step back is the policy as it was.
import type { Event, Lever, Meta, Policy, Preset, Question, Text, Value } from "./contract";

/** Whether two values are equal, whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  return inOneForm(one) === inOneForm(other);
}

function inOneForm(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part) ? inOrder(part) : part,
  );
}

/** The value a lever has under a policy from the first week on. */
export function valueOf(policy: Policy, lever: Lever): Value {
  return policy.set[lever.key] ?? lever.default;
}

export function isChanged(policy: Policy, lever: Lever): boolean {
  return !same(valueOf(policy, lever), lever.default);
}

/** The policy with a lever moved; the city's own value is left out. */
export function withLever(policy: Policy, lever: Lever, value: Value): Policy {
  const { [lever.key]: _, ...set } = policy.set;
  return { ...policy, set: same(value, lever.default) ? set : { ...set, [lever.key]: value } };
}

/** Whether a policy differs from the city's own in this lever at most. */
export function movesOnly(policy: Policy, lever: Lever, meta: Meta): boolean {
  const { set, later, shocks } = plainPolicy(withLever(policy, lever, lever.default), meta);
  return Object.keys(set).length + later.length + shocks.length === 0;
}

/** Settings of a policy that differ from the city's own and are no levers of the page. */
export function otherSettings(policy: Policy, meta: Meta): [string, Value][] {
  const levers = new Set(meta.levers.map((lever) => lever.key));
  return sorted(policy.set).filter(([key, value]) => !levers.has(key) && !same(meta.own[key], value));
}

/** The policy with an event of a week. */
export function withEvent(policy: Policy, event: Event, week: number, size: number): Policy {
  if (event.shock) return { ...policy, shocks: [...policy.shocks, { ...event.shock, week, size }] };
  const set = Object.fromEntries(
    Object.entries(event.later ?? {}).map(([key, value]) => [key, value === "size" ? size : value]),
  );
  return { ...policy, later: [...policy.later, { start: week, end: null, set }].sort((a, b) => a.start - b.start) };
}

/** One event of a policy as the page lists it: a later setting or a shock. */
export interface Happening {
  week: number;
  end: number | null;
  event: Event | null; // null: from a file, and none of the page's own events
  size: number | null;
  details: string; // of one that is not the page's own
  without: Policy; // the policy, if it is removed
}

export function happenings(policy: Policy, meta: Meta): Happening[] {
  const later = policy.later.map((change, at): Happening => {
    const event = meta.events.find(
      (one) => one.later && same(keys(one.later), keys(change.set)) && agrees(one, change.set),
    );
    const sizeKey = event && keys(event.later ?? {}).find((key) => event.later?.[key] === "size");
    const size = sizeKey ? Number(change.set[sizeKey]) : null;
    const without = { ...policy, later: policy.later.filter((_, i) => i !== at) };
    return {
      week: change.start,
      end: change.end ?? null,
      event: event ?? null,
      size,
      details: settings(change.set),
      without,
    };
  });
  const shocks = policy.shocks.map((left, at): Happening => {
    const shock = { ...meta.shock, ...left };
    const isIt = ({ shock: own }: Event) =>
      own && shock.kind === own.kind && shock.blamed === { ...meta.shock, ...own }.blamed;
    const event = meta.events.find(isIt) ?? null;
    const without = { ...policy, shocks: policy.shocks.filter((_, i) => i !== at) };
    return {
      week: shock.week,
      end: null,
      event,
      size: event?.size ? shock.size : null,
      details: shock.kind,
      without,
    };
  });
  return [...later, ...shocks].sort((a, b) => a.week - b.week);
}

/** Settings in one line, as a policy file has them. */
export function settings(set: Record<string, Value>): string {
  return sorted(set)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(", ");
}

/** What a policy does, whatever its title: values that are the city's own are left out, keys stand in order. */
export function canonical(policy: Policy, meta: Meta): string {
  return inOneForm(plainPolicy(policy, meta));
}

/** A policy without its title and without what changes nothing. */
export function plainPolicy(policy: Policy, meta: Meta): Omit<Policy, "title"> {
  return {
    set: Object.fromEntries(Object.entries(policy.set).filter(([key, value]) => !same(meta.own[key], value))),
    later: policy.later.map(({ start, end, set }) => ({ start, end: end ?? null, set })),
    shocks: policy.shocks.map((shock) => ({ ...meta.shock, ...shock })),
  };
}

export function presetOf(policy: Policy, meta: Meta): Preset | undefined {
  const done = canonical(policy, meta);
  const alike = meta.presets.filter((preset) => canonical(preset.policy, meta) === done);
  return alike.find((preset) => same(preset.title, policy.title)) ?? alike[0];
}

/** The policy under an honest title: the preset's own while it does what the preset does, and "changed" after. */
export function retitled(policy: Policy, meta: Meta, changed: (title: Text) => Text): Policy {
  const titles = meta.presets.map((preset) => preset.title);
  const isOurs = titles.some((title) => same(title, policy.title) || same(changed(title), policy.title));
  if (!isOurs) return policy;
  const preset = presetOf(policy, meta);
  if (preset) return { ...policy, title: preset.title };
  return titles.some((title) => same(title, policy.title)) ? { ...policy, title: changed(policy.title) } : policy;
}

export function presetNamed(name: string, meta: Meta): Policy {
  const found = meta.presets.find((preset) => preset.name === name) ?? meta.presets[0];
  return found ? found.policy : { title: { en: name, fa: name }, set: {}, later: [], shocks: [] };
}

/** What is asked when the page opens. */
export function firstQuestion(meta: Meta): Question {
  const policies = meta.first.map((name) => presetNamed(name, meta));
  return { base: presetNamed(meta.baseline, meta), policies };
}

function keys(set: Record<string, unknown>): string[] {
  return Object.keys(set).sort();
}

function agrees(event: Event, set: Record<string, Value>): boolean {
  return Object.entries(event.later ?? {}).every(([key, value]) => value === "size" || same(value, set[key]));
}

function sorted<V>(set: Record<string, V>): [string, V][] {
  return Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1));
}

function inOrder<S extends object>(set: S): S {
  return Object.fromEntries(sorted(set as Record<string, unknown>)) as S;
}
