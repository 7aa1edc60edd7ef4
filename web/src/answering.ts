// From a question to its answer: what is stored first, then a live run. The answer shown is always the question's own.
import { effect, signal, untracked } from "@preact/signals";
import type { Answer, Difference, Progress, Question, Text } from "./contract";
import { Refused } from "./source";
import { question, source } from "./state";
import { wordText } from "./text";

const DEBOUNCE = 150; // ms: a lever that is dragged asks once

/** looking: for a stored answer; running: live; ended: nothing more will come. */
export type Phase = "looking" | "running" | "ended";

export interface Answering {
  phase: Phase;
  answer: Answer | null; // to the question of now, never to an older one
  note: Text | null; // why there is none, or how the live run compares with what was stored
  progress: Progress | null;
  faulty: boolean; // the note is a fault
}

const NOTHING: Answering = { phase: "looking", answer: null, note: null, progress: null, faulty: false };

export const answering = signal<Answering>(NOTHING);

let stop = () => {};

/** Answer every question from now on. */
export function startAnswering(): void {
  effect(() => {
    const asked = question.value;
    untracked(() => begin(asked, DEBOUNCE));
  });
}

/** Ask the same question again, after a fault. */
export function again(): void {
  begin(question.value, 0);
}

function begin(asked: Question, wait: number): void {
  stop();
  answering.value = NOTHING;
  const aborting = new AbortController();
  const timer = setTimeout(() => void answer(asked, aborting.signal), wait);
  stop = () => {
    clearTimeout(timer);
    aborting.abort();
  };
}

async function answer(asked: Question, signal: AbortSignal): Promise<void> {
  try {
    const { answer, missing } = await source.stored(asked, signal);
    if (signal.aborted) return;
    const phase = source.server ? "running" : "ended";
    answering.value = { ...NOTHING, phase, answer, note: answer ? null : missing };
    if (source.server) run(asked, answer, signal);
  } catch (error) {
    if (!signal.aborted) fail(error instanceof Refused ? error.fault : wordText("fault.unexpected"));
  }
}

function run(asked: Question, stored: Answer | null, signal: AbortSignal): void {
  let newest: Answer | null = null;
  const update = (change: Partial<Answering>) => {
    if (!signal.aborted) answering.value = { ...answering.value, ...change };
  };
  const end = source.server?.live(asked, {
    progress: (progress) => update({ progress }),
    answer: (live) => {
      newest = live;
      // A stored answer of twenty pairs is not replaced by a live one of two: it stays until the run has as many.
      if (!stored || isFull(live, stored)) update({ answer: live, note: stored ? compared(live, stored) : null });
    },
    done: () => update({ phase: "ended", note: stored && newest ? compared(newest, stored) : null }),
    fault: ({ fault }) => !signal.aborted && fail(fault),
    lost: () => !signal.aborted && fail(wordText("fault.live_lost")),
  });
  signal.addEventListener("abort", () => end?.());
}

function isFull(live: Answer, stored: Answer): boolean {
  return live.pairs >= stored.pairs && live.week >= stored.week;
}

/** Whether the live run gave what was stored, in a sentence: stored numbers keep four figures. */
function compared(live: Answer, stored: Answer): Text | null {
  if (!isFull(live, stored)) return null;
  const findings = (answer: Answer) => answer.policies.flatMap((policy) => policy.findings);
  const there = findings(stored);
  const confirmed = findings(live).every((one, i) => {
    const other = there[i];
    return other && other.verdict === one.verdict && near(one, other);
  });
  return wordText(confirmed ? "answer.confirmed" : "answer.differs");
}

function near(one: Difference, other: Difference): boolean {
  const numbers = ({ difference, low, high }: Difference) => [difference ?? 0, low ?? 0, high ?? 0];
  const size = Math.max(...[...numbers(one), ...numbers(other)].map(Math.abs));
  return numbers(one).every((number, i) => Math.abs(number - (numbers(other)[i] ?? 0)) <= 0.001 * size);
}

function fail(fault: Text): void {
  answering.value = { ...answering.value, phase: "ended", note: fault, faulty: true };
}
