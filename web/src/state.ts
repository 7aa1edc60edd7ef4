// What the user has chosen, with the steps back and forth. What the answer is stands in answering.ts.
import { batch, computed, signal } from "@preact/signals";
import type { Meta, Policy, Question, Text } from "./contract";
import { firstQuestion, retitled, same } from "./policy";
import type { Source } from "./source";
import { wordText } from "./text";

export let source: Source;
export let meta: Meta;

export const question = signal<Question>({
  base: { title: { en: "", fa: "" }, set: {}, later: [], shocks: [] },
  policies: [],
});
export const tab = signal(0); // the policy that is edited and whose answer is open
export const notice = signal<Text | null>(null); // one sentence above the page

/** Counts steps: each is one for the browser's way back, too. */
export const steps = signal(0);

const past = signal<Question[]>([]);
const future = signal<Question[]>([]);
export const canUndo = computed(() => past.value.length > 0);
export const canRedo = computed(() => future.value.length > 0);

const STEPS = 100;
const ONE_DRAG = 1000; // ms: moves of one lever within it are one step

let lastEdit = { name: "", time: 0 };

export function open(from: Source, asked: Question | null): void {
  source = from;
  meta = from.meta;
  question.value = asked ?? firstQuestion(meta);
}

/**
 * Change the question; the step can be undone.
 * @param name edits of one name in quick succession, as of a lever that is dragged, are one step.
 */
export function ask(next: Question, name = ""): void {
  if (same(next, question.value)) return;
  const time = Date.now();
  const goesOn = name !== "" && name === lastEdit.name && time - lastEdit.time < ONE_DRAG;
  lastEdit = { name, time };
  batch(() => {
    if (!goesOn) {
      past.value = [...past.value, question.value].slice(-STEPS);
      steps.value += 1;
    }
    future.value = [];
    show(next);
  });
}

export function undo(): void {
  step(past, future);
}

export function redo(): void {
  step(future, past);
}

export function reset(): void {
  ask(firstQuestion(meta));
}

/** Put a policy in its place: -1 is the baseline. */
export function setPolicy(at: number, policy: Policy, name = ""): void {
  const titled = retitled(policy, meta, (title) => wordText("policy.changed", { title }));
  const { base, policies } = question.value;
  if (at < 0) ask({ base: titled, policies }, name);
  else ask({ base, policies: policies.map((old, i) => (i === at ? titled : old)) }, name);
}

export function addPolicy(policy: Policy): void {
  const { base, policies } = question.value;
  batch(() => {
    ask({ base, policies: [...policies, policy] });
    tab.value = policies.length;
  });
}

export function removePolicy(at: number): void {
  const { base, policies } = question.value;
  ask({ base, policies: policies.filter((_, i) => i !== at) });
}

function step(from: typeof past, to: typeof past): void {
  const target = from.value.at(-1);
  if (!target) return;
  lastEdit = { name: "", time: 0 };
  batch(() => {
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, question.value];
    steps.value += 1;
    show(target);
  });
}

function show(next: Question): void {
  question.value = next;
  tab.value = Math.max(0, Math.min(tab.value, next.policies.length - 1));
}
