// One simulated city, week by week: play, pause, step; its map; a neighbourhood's network; who is who.
import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { decimalsFor, shown } from "../charts/look";
import { levelOption } from "../charts/maps";
import type { Frame, Policy } from "../contract";
import type { Server } from "../server";
import { meta, question } from "../state";
import { Say, Word, lang, number, rich, t, word } from "../text";
import { guarded } from "../trouble";
import { Network } from "./Network";
import { ChooseOutcome, Section } from "./small";

const PAUSE = 350; // ms between the weeks while it plays
const QUARTER = 13; // weeks

interface Watched {
  id: string;
  title: Policy["title"];
  frame: Frame;
  events: { week: number; text: Frame["events"][number] }[]; // newest first
}

const watched = signal<Watched | null>(null);
const playing = signal(false);

export function Watch({ server }: { server: Server }) {
  const now = watched.value;
  return (
    <Section id="watch" title={word("watch.title")}>
      <p class="meaning">
        <Word of="watch.meaning" />
      </p>
      <Start server={server} />
      {now && <City key={now.id} now={now} server={server} />}
    </Section>
  );
}

function Start({ server }: { server: Server }) {
  const { base, policies } = question.value;
  const all = [base, ...policies];
  const [which, setWhich] = useState(1);
  const chosen = Math.min(which, all.length - 1); // a policy may have been removed
  const [replication, setReplication] = useState(0);
  const start = async () => {
    const policy = all[chosen] ?? base;
    playing.value = false;
    const begun = await guarded(() => server.watch(policy, replication));
    if (begun) watched.value = { ...begun, title: policy.title, events: [] };
  };
  return (
    <div class="row">
      <p class="field">
        <label for="watch-policy">{word("watch.policy")}</label>
        <select
          id="watch-policy"
          value={String(chosen)}
          onChange={(event) => setWhich(Number(event.currentTarget.value))}
        >
          {all.map((policy, i) => (
            <option key={i} value={String(i)}>
              {t(policy.title)}
            </option>
          ))}
        </select>
      </p>
      <p class="field">
        <label for="watch-replication">{word("watch.replication")}</label>
        <select
          id="watch-replication"
          value={String(replication)}
          onChange={(event) => setReplication(Number(event.currentTarget.value))}
        >
          {Array.from({ length: meta.limits.pairs }, (_, i) => (
            <option key={i} value={String(i)}>
              {number(i)}
            </option>
          ))}
        </select>
      </p>
      <button type="button" onClick={() => void start()}>
        {word(watched.value ? "watch.start_again" : "watch.start")}
      </button>
    </div>
  );
}

async function step(server: Server, weeks: number): Promise<void> {
  const now = watched.value;
  if (!now || now.frame.done) return;
  const frame = await guarded(() => server.step(now.id, weeks));
  if (!frame) playing.value = false;
  if (!frame || watched.value?.id !== now.id) return;
  const events = frame.events
    .map((text) => ({ week: frame.week, text }))
    .concat(now.events)
    .slice(0, 40);
  watched.value = { ...now, frame, events };
  if (frame.done) playing.value = false;
}

function City({ now, server }: { now: Watched; server: Server }) {
  const { frame } = now;
  const phase = meta.phases.toSorted((a, b) => a.start - b.start).findLast(({ start }) => start <= frame.week);
  const [place, setPlace] = useState(0);
  usePlaying(server);
  return (
    <>
      <p class="watch-state" role="status">
        <strong>
          <Word of="week.dated" with={{ week: frame.week, date: frame.date }} />
        </strong>
        {phase && (
          <>
            {" · "}
            <Say text={phase.name} />
          </>
        )}
        {" · "}
        <Say text={now.title} />
        {frame.done && ` · ${word("watch.done")}`}
      </p>
      <div class="row" role="group" aria-label={word("watch.controls")}>
        <button
          type="button"
          disabled={frame.done}
          aria-pressed={playing.value}
          onClick={() => (playing.value = !playing.value)}
        >
          {word(playing.value ? "watch.pause" : "watch.play")}
        </button>
        <button type="button" disabled={frame.done || playing.value} onClick={() => void step(server, 1)}>
          {word("watch.week")}
        </button>
        <button type="button" disabled={frame.done || playing.value} onClick={() => void step(server, QUARTER)}>
          <Word of="watch.weeks" with={{ number: QUARTER }} />
        </button>
      </div>
      <dl class="facts">
        {frame.city.map((one) => (
          <div key={one.title.en}>
            <dt>
              <Say text={one.title} />
            </dt>
            <dd>
              <Say text={one.shown} />
            </dd>
          </div>
        ))}
      </dl>
      <div class="with-lists wide">
        <CityMap frame={frame} place={place} onPlace={setPlace} />
        <div>
          <h4>{word("watch.events")}</h4>
          {now.events.length === 0 && <p>{word("watch.no_events")}</p>}
          <ol class="log">
            {now.events.map(({ week, text }, i) => (
              <li key={now.events.length - i}>
                <Word of="watch.event_week" with={{ week }} /> <Say text={text} />
              </li>
            ))}
          </ol>
        </div>
      </div>
      <Network server={server} id={now.id} week={frame.week} place={place} onPlace={setPlace} still={!playing.value} />
    </>
  );
}

/** One week after another while it plays; the next is asked for when the last has come. */
function usePlaying(server: Server): void {
  const on = playing.value;
  useEffect(() => {
    if (!on) return;
    let ended = false;
    const go = async () => {
      while (!ended && playing.value) {
        await step(server, 1);
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    };
    void go();
    return () => {
      ended = true;
    };
  }, [on, server]);
}

function CityMap({ frame, place, onPlace }: { frame: Frame; place: number; onPlace: (place: number) => void }) {
  const outcomes = meta.outcomes.filter(({ name }) => name in frame.places);
  const [chosen, setChosen] = useState("");
  // The scale only widens, so that a colour keeps its meaning from week to week.
  const [scales] = useState(() => new Map<string, [number, number]>());
  const outcome = outcomes.find(({ name }) => name === chosen) ?? outcomes[0];
  const language = lang.value;
  const values = (outcome && frame.places[outcome.name]) || [];
  const [low, high] = (outcome && scales.get(outcome.name)) ?? [Infinity, -Infinity];
  const scale: [number, number] = [Math.min(low, ...values), Math.max(high, ...values)];
  if (outcome) scales.set(outcome.name, scale);
  const option = useMemo(
    () => (outcome ? levelOption(values, outcome, scale, place) : {}),
    [values, outcome, scale[0], scale[1], place, language],
  );
  if (!outcome) return null;
  const write = (value: number | undefined) => shown(value, outcome, decimalsFor(scale[1] - scale[0], outcome));
  return (
    <div>
      <ChooseOutcome id="watch-outcome" of={outcomes} value={outcome.name} onChoose={setChosen} />
      <Chart
        name={`city-week-${frame.week}-${outcome.name}`}
        caption={word("watch.map", { outcome: outcome.title, week: frame.week })}
        text={word("watch.map_text", { low: write(scale[0]), high: write(scale[1]) })}
        option={option}
        height={420}
        onPick={(name) => onPlace(Number(name))}
        table={{
          columns: [word("table.place"), t(outcome.title)],
          rows: meta.places.map((one) => [t(one.name), write(values[one.number])]),
        }}
        legend={
          <p class="legend scale">
            <bdi>{rich(write(scale[0]))}</bdi> <span class="ramp" aria-hidden="true" />{" "}
            <bdi>{rich(write(scale[1]))}</bdi>
          </p>
        }
      />
    </div>
  );
}
