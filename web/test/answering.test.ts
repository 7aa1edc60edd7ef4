import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, startAnswering } from "../src/answering";
import type { Answer, Policy, Stored } from "../src/contract";
import type { Listener, Server } from "../src/server";
import { Refused, type Source } from "../src/source";
import { ask, open } from "../src/state";
import { setWords } from "../src/text";
import { meta, policy } from "./world";

setWords(
  Object.fromEntries(
    ["answer.confirmed", "answer.differs", "fault.live_lost"].map((key) => [key, { en: key, fa: key }]),
  ),
);

const finding = (number: number) => ({ verdict: "better", difference: number, low: number - 1, high: number + 1 });

const answerOf = (name: string, pairs: number, week = 260, number = 1) =>
  ({ source: "stored", name, pairs, week, policies: [{ findings: [finding(number)] }] }) as unknown as Answer;

/** A source whose answers the test gives when it likes. */
class Slow implements Source {
  readonly meta = meta;
  readonly asked: { name: string; give: (found: Stored) => void; refuse: (error: Error) => void }[] = [];
  readonly runs: { name: string; to: Listener; ended: boolean }[] = [];
  readonly server = {
    live: ({ policies }: { policies: Policy[] }, to: Listener) => {
      const run = { name: policies[0]?.title.en ?? "", to, ended: false };
      this.runs.push(run);
      return () => {
        run.ended = true;
      };
    },
  } as unknown as Server;

  holds(): boolean {
    return false;
  }

  stored({ policies }: { policies: Policy[] }): Promise<Stored> {
    return new Promise((give, refuse) => this.asked.push({ name: policies[0]?.title.en ?? "", give, refuse }));
  }
}

const source = new Slow();
const question = (name: string) => ({ base: policy(), policies: [policy({ title: { en: name, fa: name } })] });
const wait = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
const shown = () => (answering.value.answer as unknown as { name: string } | null)?.name;

/** Ask, and wait until the source is asked. */
async function asking(name: string) {
  ask(question(name));
  await wait(200);
  const last = source.asked.at(-1);
  assert.equal(last?.name, name);
  return last;
}

open(source, question("first"));
startAnswering();

test("moves in quick succession ask once", async () => {
  for (const name of ["a", "b", "c"]) {
    ask(question(name));
    await wait(30);
  }
  await wait(200);
  assert.deepEqual(
    source.asked.map(({ name }) => name),
    ["c"],
  );
});

test("an answer to an older question is never shown", async () => {
  const older = await asking("older");
  const newer = await asking("newer");
  newer.give({ answer: answerOf("newer", 20), missing: null });
  await wait();
  older.give({ answer: answerOf("older", 20), missing: null });
  await wait();
  assert.equal(shown(), "newer");
});

test("a new question takes the old answer away at once, and ends its run", async () => {
  const one = await asking("one");
  one.give({ answer: answerOf("one", 20), missing: null });
  await wait();
  const run = source.runs.at(-1);
  ask(question("two"));
  assert.equal(shown(), undefined);
  assert.equal(run?.ended, true);
  run.to.answer(answerOf("one, late", 20));
  run.to.lost();
  assert.equal(shown(), undefined);
  assert.equal(answering.value.faulty, false);
});

test("a stored answer stays until the live run has as many pairs, and it is said whether they agree", async () => {
  for (const [number, note] of [
    [1, "answer.confirmed"],
    [1.0005, "answer.confirmed"], // stored numbers keep four figures
    [1.01, "answer.differs"],
  ] as const) {
    const one = await asking(`agrees ${number}`);
    one.give({ answer: answerOf("stored", 20), missing: null });
    await wait();
    const { to } = source.runs.at(-1) as (typeof source.runs)[0];
    to.answer(answerOf("live, early", 20, 13));
    to.answer(answerOf("live, few", 3));
    assert.equal(shown(), "stored");
    to.answer(answerOf("live", 20, 260, number));
    to.done();
    assert.equal(shown(), "live");
    assert.equal(answering.value.note?.en, note);
    assert.equal(answering.value.phase, "ended");
  }
});

test("without a stored answer the live one is shown from its first pair", async () => {
  const one = await asking("new");
  one.give({ answer: null, missing: { en: "none", fa: "none" } });
  await wait();
  assert.equal(answering.value.note?.en, "none");
  source.runs.at(-1)?.to.answer(answerOf("live", 1, 13));
  assert.equal(shown(), "live");
});

test("a refusal is said, and a lost run keeps what was answered", async () => {
  const refused = await asking("refused");
  refused.refuse(new Refused({ en: "no", fa: "no" }));
  await wait();
  assert.deepEqual([answering.value.note?.en, answering.value.faulty, answering.value.phase], ["no", true, "ended"]);
  const one = await asking("lost");
  one.give({ answer: answerOf("kept", 20), missing: null });
  await wait();
  source.runs.at(-1)?.to.lost();
  assert.equal(shown(), "kept");
  assert.equal(answering.value.note?.en, "fault.live_lost");
});
