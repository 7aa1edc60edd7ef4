// Small parts that several others use.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { markOf } from "../charts/look";
import type { Difference, Finding, Outcome, Text } from "../contract";
import { Say, t, word } from "../text";

export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id} class="part">
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

/** Sentences as a list, or as a paragraph where there is only one. */
export function Sentences({ of }: { of: Text[] }) {
  const [first] = of;
  if (first && of.length === 1)
    return (
      <p>
        <Say text={first} />
      </p>
    );
  return (
    <ul>
      {of.map((text) => (
        <li key={text.en}>
          <Say text={text} />
        </li>
      ))}
    </ul>
  );
}

/** The mark of a verdict, as charts draw it; the words stand beside it. */
export function Mark({ verdict }: { verdict: Difference["verdict"] }) {
  const { symbol, colour, filled } = markOf(verdict);
  const paint = { fill: filled ? colour : "#fff", stroke: colour, "stroke-width": 1.8 };
  return (
    <svg class="mark" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      {symbol === "circle" && <circle cx="8" cy="8" r="5.5" {...paint} />}
      {symbol === "diamond" && <path d="M8 1 15 8 8 15 1 8Z" {...paint} />}
      {symbol === "rect" && <rect x="3" y="3" width="10" height="10" {...paint} />}
    </svg>
  );
}

/** A choice among outcomes. */
export function ChooseOutcome({
  id,
  of,
  value,
  onChoose,
}: {
  id: string;
  of: Outcome[];
  value: string;
  onChoose: (name: string) => void;
}) {
  return (
    <p class="choose">
      <label for={id}>{word("choose.outcome")}</label>{" "}
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {of.map((outcome) => (
          <option key={outcome.name} value={outcome.name}>
            {t(outcome.title)}
          </option>
        ))}
      </select>
    </p>
  );
}

/** Whether the screen is as narrow as a telephone's. */
export function useNarrow(width = 640): boolean {
  const now = () => matchMedia(`(max-width: ${width}px)`).matches;
  const [narrow, setNarrow] = useState(now);
  useEffect(() => {
    const update = () => setNarrow(now());
    update(); // the window may have changed before anything listened
    addEventListener("resize", update);
    return () => removeEventListener("resize", update);
  }, [width]);
  return narrow;
}

/** The head of an outcome's row: its name and its unit. */
export function OutcomeHead({ finding }: { finding: Finding }) {
  return (
    <th scope="row">
      <Say text={finding.title} />{" "}
      <span class="unit">
        <Say text={finding.unit} />
      </span>
    </th>
  );
}
