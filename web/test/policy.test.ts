import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canonical,
  happenings,
  movesOnly,
  otherSettings,
  presetOf,
  retitled,
  withEvent,
  withLever,
} from "../src/policy";
import { ELDERS, NOTHING, meta, policy } from "./world";

const [share, size, hub] = meta.levers as [(typeof meta.levers)[0], (typeof meta.levers)[0], (typeof meta.levers)[0]];
const changed = (title: { en: string; fa: string }) => ({ en: `${title.en}, changed`, fa: `${title.fa}، با تغییر` });

test("a lever at the city's own value is left out", () => {
  assert.deepEqual(withLever(ELDERS, size, 5).set, { "mayor.seats": 3 });
  assert.deepEqual(withLever(policy({ set: { "hub.kinds": ["school"] } }), hub, ["mosque"]).set, {});
  assert.deepEqual(withLever(NOTHING, share, 0).set, { share: 0 });
});

test("what a policy does is the same whatever its title, the order of keys, and values that are the city's own", () => {
  const other = policy({ set: { "mayor.seats": 3, share: 0.5, "council.size": 9 } });
  assert.equal(canonical(other, meta), canonical(ELDERS, meta));
  assert.equal(presetOf(other, meta)?.name, "elders");
  assert.notEqual(canonical(withLever(ELDERS, share, 0.6), meta), canonical(ELDERS, meta));
});

test("settings without a lever count, too, and are left out where they are the city's own", () => {
  const same = policy({ set: { "mayor.seats": 2, roll: [{ share: 0.5, week: 3 }] } });
  assert.equal(canonical(same, meta), canonical(NOTHING, meta));
  assert.deepEqual(otherSettings(same, meta), []);
});

test("an end that is not given is none", () => {
  const one = policy({ later: [{ start: 3, set: { share: 1 } }] });
  const other = policy({ later: [{ start: 3, end: null, set: { share: 1 } }] });
  assert.equal(canonical(one, meta), canonical(other, meta));
});

test("a changed preset does not keep its title, and gets it back with its values", () => {
  const moved = retitled(withLever(ELDERS, share, 0.9), meta, changed);
  assert.equal(moved.title.fa, "سالمندان، با تغییر");
  assert.deepEqual(retitled(withLever(moved, share, 0.5), meta, changed).title, ELDERS.title);
});

test("a title of the user's own stays", () => {
  const named = { ...ELDERS, title: { en: "Mine", fa: "Mine" } };
  assert.equal(retitled(withLever(named, share, 0.9), meta, changed).title.en, "Mine");
});

test("every event that is added is listed by its name, and can be removed", () => {
  for (const event of meta.events) {
    const added = withEvent(NOTHING, event, 30, 0.4);
    const [one] = happenings(added, meta);
    assert.equal(one?.event?.kind, event.kind);
    assert.equal(one?.week, 30);
    assert.equal(canonical(one.without, meta), canonical(NOTHING, meta));
  }
});

test("what a shock leaves out is no difference", () => {
  const brief = policy({ shocks: [{ kind: "scandal", week: 9 }] });
  const whole = { kind: "scandal", week: 9, size: 1, share_of_neighbourhoods: 1, blamed: "municipality" };
  assert.equal(canonical(brief, meta), canonical(policy({ shocks: [whole] }), meta));
  assert.equal(happenings(policy({ shocks: [whole] }), meta)[0]?.event?.kind, "scandal");
  assert.equal(happenings(policy({ shocks: [{ ...whole, blamed: "council" }] }), meta)[0]?.event, null);
});

test("a happening of a file that is no event of the page is listed by its settings", () => {
  const [one] = happenings(policy({ later: [{ start: 9, set: { mode: "consultation" } }] }), meta);
  assert.equal(one?.event, null);
  assert.match(one?.details ?? "", /consultation/);
});

test("settings without a lever are known", () => {
  assert.deepEqual(otherSettings(ELDERS, meta), [["mayor.seats", 3]]);
});

test("a lever is alone where nothing else differs from the city", () => {
  assert.equal(movesOnly(policy({ set: { share: 0.9, "council.size": 5 } }), share, meta), true);
  assert.equal(movesOnly(policy({ set: { share: 0.9, "council.size": 7 } }), share, meta), false);
  assert.equal(movesOnly(policy({ shocks: [{ kind: "flood", week: 1 }] }), share, meta), false);
});
