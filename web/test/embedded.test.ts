import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Answer, Exported } from "../src/contract";
import { Embedded } from "../src/embedded";
import { withLever } from "../src/policy";
import { setWords } from "../src/text";
import { ELDERS, NOTHING, meta, policy } from "./world";

setWords({ "answer.not_in_file": { en: "not stored: {titles}", fa: "نیست: {titles}" } });

const answer = (name: string, pairs: number) =>
  ({
    source: "stored",
    pairs,
    cautions: [{ en: name, fa: name }],
    policies: [{ title: { en: name, fa: name } }],
  }) as unknown as Answer;

/** The source of a file that holds the answers to two policies. */
async function source(): Promise<Embedded> {
  const data: Exported = {
    meta,
    cells: [{}, ELDERS, { set: { share: 1 } }],
    answers: { "0-1": answer("elders", 20), "0-2": answer("all", 10) },
  };
  const packed = gzipSync(JSON.stringify({ ...data, texts: [] })).toString("base64");
  (globalThis as { document?: unknown }).document = { getElementById: () => ({ textContent: packed }) };
  return (await Embedded.open()) as Embedded;
}

const signal = new AbortController().signal;

test("a question is found by what its policies do", async () => {
  const asked = { base: policy(), policies: [policy({ set: { "mayor.seats": 3, "council.size": 9, share: 0.5 } })] };
  const { answer } = await (await source()).stored(asked, signal);
  assert.equal(answer?.policies.length, 1);
  assert.equal(answer.policies[0]?.title.en, "own"); // as the user calls it
});

test("answers about several policies become one, with the fewest pairs and all cautions", async () => {
  const asked = { base: NOTHING, policies: [policy({ set: { share: 1 } }), ELDERS] };
  const { answer } = await (await source()).stored(asked, signal);
  assert.deepEqual(
    answer?.policies.map(({ title }) => title.en),
    ["own", "Elders"],
  );
  assert.equal(answer?.pairs, 10);
  assert.deepEqual(
    answer?.cautions.map(({ en }) => en),
    ["all", "elders"],
  );
});

test("what is not in the file is named", async () => {
  const [share] = meta.levers;
  const asked = { base: NOTHING, policies: [ELDERS, withLever(policy(), share as (typeof meta.levers)[0], 0.7)] };
  const { answer, missing } = await (await source()).stored(asked, signal);
  assert.equal(answer, null);
  assert.deepEqual(missing, { en: "not stored: “own”", fa: "نیست: «خودم»" });
});

test("a baseline that is not in the file is not taken for another", async () => {
  const { answer } = await (await source()).stored({ base: { ...ELDERS }, policies: [ELDERS] }, signal);
  assert.equal(answer, null);
});

test("it is known which values are stored", async () => {
  const file = await source();
  assert.equal(file.holds(NOTHING, policy({ set: { share: 1 } })), true);
  assert.equal(file.holds(NOTHING, policy({ set: { share: 0.9 } })), false);
  assert.equal(file.holds(ELDERS, policy({ set: { share: 1 } })), false);
});
