// What happens in a week of one's choosing: budget cuts, scandals, and what else the source knows.
import { useState } from "preact/hooks";
import type { Event, Policy } from "../contract";
import { type Happening, happenings, withEvent } from "../policy";
import { meta } from "../state";
import { Say, Word, number, rich, t, word } from "../text";

export function Events({ policy, onChange }: { policy: Policy; onChange: (policy: Policy) => void }) {
  const all = happenings(policy, meta);
  return (
    <details class="group" open={all.length > 0}>
      <summary>
        {word("events.title")}
        {all.length > 0 && (
          <span class="changed">
            {" "}
            <Word of="events.number" with={{ number: all.length }} />
          </span>
        )}
      </summary>
      {all.length === 0 && <p class="meaning">{word("events.none")}</p>}
      <ul class="happenings">
        {all.map((one, i) => (
          <Item key={i} happening={one} onRemove={() => onChange(one.without)} />
        ))}
      </ul>
      <Add onAdd={(event, week, size) => onChange(withEvent(policy, event, week, size))} />
    </details>
  );
}

function dated(week: number): string {
  return word("week.dated", { week, date: meta.dates[week] ?? { en: "", fa: "" } });
}

function Item({ happening, onRemove }: { happening: Happening; onRemove: () => void }) {
  const { week, end, event, size, details } = happening;
  return (
    <li>
      <strong>{event ? <Say text={event.name} /> : <code dir="ltr">{details}</code>}</strong>
      {event?.size && size !== null && ` (${t(event.size.name)}: ${sizeInWords(event, size)})`}
      <br />
      {rich(dated(week))}
      {end !== null && ` – ${dated(end)}`}{" "}
      <button
        type="button"
        class="small"
        onClick={onRemove}
        aria-label={word("events.remove_named", { name: event?.name ?? details, week })}
      >
        {word("events.remove")}
      </button>
    </li>
  );
}

/** Sizes are shares: of the budget, of payments, of the largest blow. */
function sizeInWords(event: Event, size: number): string {
  const { maximum = 1 } = event.size ?? {};
  return maximum <= 1 ? `${number(size * 100)}${word("lever.percent")}` : number(size, 1);
}

function Add({ onAdd }: { onAdd: (event: Event, week: number, size: number) => void }) {
  const [kind, setKind] = useState("");
  const [week, setWeek] = useState(0);
  const [size, setSize] = useState(1);
  const event = meta.events.find((one) => one.kind === kind);
  const choose = (name: string) => {
    const chosen = meta.events.find((one) => one.kind === name);
    setKind(name);
    setWeek(chosen?.week ?? 0);
    setSize(chosen?.size?.default ?? 1);
  };
  const add = () => {
    if (event) onAdd(event, week, size);
    setKind("");
  };
  return (
    <div class="add-event">
      <p class="field">
        <label for="event">{word("events.add")}</label>
        <select id="event" value={kind} onChange={(change) => choose(change.currentTarget.value)}>
          <option value="">{word("levers.choose")}</option>
          {meta.events.map((one) => (
            <option key={one.kind} value={one.kind}>
              {t(one.name)}
            </option>
          ))}
        </select>
      </p>
      {event && (
        <>
          <p class="meaning">
            <Say text={event.meaning} />
          </p>
          <div class="named">
            <label for="event-week">{word("events.week")}</label>
            <output for="event-week">{rich(dated(week))}</output>
          </div>
          <input
            id="event-week"
            type="range"
            min={0}
            max={meta.weeks - 1}
            value={week}
            aria-valuetext={dated(week)}
            onInput={(change) => setWeek(change.currentTarget.valueAsNumber)}
          />
          {event.size && (
            <>
              <div class="named">
                <label for="event-size">
                  <Say text={event.size.name} />
                </label>
                <output for="event-size">{sizeInWords(event, size)}</output>
              </div>
              <input
                id="event-size"
                type="range"
                min={event.size.minimum}
                max={event.size.maximum}
                step={event.size.step}
                value={size}
                aria-valuetext={sizeInWords(event, size)}
                onInput={(change) => setSize(change.currentTarget.valueAsNumber)}
              />
            </>
          )}
          <button type="button" onClick={add}>
            {word("events.do_add")}
          </button>
        </>
      )}
    </div>
  );
}
