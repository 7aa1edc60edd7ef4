import assert from "node:assert/strict";
import { test } from "node:test";
import type { Policy } from "../src/contract";
import { hashOf, readHash } from "../src/link";
import { canonical } from "../src/policy";
import { ELDERS, NOTHING, meta, policy } from "./world";

const POLICIES: Policy[] = [
  ELDERS,
  NOTHING,
  policy({ set: { "hub.kinds": ["school", "mosque"], flag: true, milestones: [{ week: 3, share: 0.5 }] } }),
  policy({ later: [{ start: 4, end: 9, set: { share: 1 } }], shocks: [{ kind: "flood", week: 7 }] }),
];

test("a link gives back what it was made of", () => {
  const read = readHash(hashOf({ base: NOTHING, policies: POLICIES }, 2, "fa", meta), meta);
  assert.equal(read.lang, "fa");
  assert.equal(read.tab, 2);
  assert.deepEqual([read.version, read.model, read.city, read.seed], ["1", "abc", "c0ffee", 0]);
  assert.equal(canonical(read.question.base, meta), canonical(NOTHING, meta));
  read.question.policies.forEach((one, i) => {
    assert.equal(canonical(one, meta), canonical(POLICIES[i] as Policy, meta));
    assert.deepEqual(one.title, POLICIES[i]?.title);
  });
});

test("a link is an address: letters, digits, - and _ only", () => {
  assert.match(hashOf({ base: NOTHING, policies: POLICIES }, 0, "en", meta), /^#1\.[\w-]+$/);
});

const written = (change: object) => {
  const data = { v: "1", m: "abc", s: 0, l: "en", t: 0, b: {}, p: [{}], ...change };
  return `#1.${Buffer.from(JSON.stringify(data)).toString("base64url")}`;
};

test("the link of nothing changed is short", () => {
  assert.ok(hashOf({ base: NOTHING, policies: [NOTHING] }, 0, "en", meta).length < 120);
});

test("garbage is refused", () => {
  const bad = [
    "#", "#1.", "#1.!!!", "#2.e30", "#1.e30", "#foo", `#1.${"A".repeat(50_000)}`,
    written({ p: [] }), written({ p: [{}, {}, {}, {}, {}] }), written({ p: [{ s: "x" }] }), written({ p: [{ s: { a: null } }] }),
    written({ p: [{ l: [{ start: "x", set: {} }] }] }), written({ p: [{ h: [{ kind: 3, week: 1 }] }] }), written({ t: "0" }),
    written({ p: [{ n: ["one"] }] }), written({ b: [] }), written({ s: "1" }),
  ]; // prettier-ignore
  for (const hash of bad) assert.throws(() => readHash(hash, meta), hash.slice(0, 40));
});

test("every damaged letter is read as a link or refused, and never breaks the page", () => {
  const whole = hashOf({ base: NOTHING, policies: POLICIES }, 1, "fa", meta);
  for (let at = 0; at < whole.length; at++) {
    const damaged = `${whole.slice(0, at)}~${whole.slice(at + 1)}`;
    try {
      readHash(damaged, meta);
    } catch (error) {
      assert.ok(error instanceof Error || error instanceof DOMException);
    }
  }
});

test("a tab that is none becomes the last", () => {
  assert.equal(readHash(written({ t: 9 }), meta).tab, 0);
});
