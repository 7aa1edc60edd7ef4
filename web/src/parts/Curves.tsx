// Differences over time with their bands; levels of baseline and policy in the same place on request.
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { curveTable, differenceOption, letterOf, levelsOption, phasesInOrder } from "../charts/curves";
import type { Claim, Curve, Policy, PolicyAnswer } from "../contract";
import { type Happening, happenings } from "../policy";
import { meta, question, tab } from "../state";
import { Say, Word, lang, rich, t, word } from "../text";
import { ChooseOutcome, Section, useNarrow } from "./small";

export function Curves({ answer }: { answer: PolicyAnswer }) {
  const [chosen, setChosen] = useState("");
  const [levels, setLevels] = useState(false);
  const outcomes = meta.outcomes.filter(({ name }) => answer.curves.some((curve) => curve.outcome === name));
  const outcome = outcomes.find(({ name }) => name === chosen) ?? outcomes[0];
  const curve = answer.curves.find((one) => one.outcome === outcome?.name);
  const claims = meta.claims.filter((claim) => claim.outcome === outcome?.name);
  const finding = answer.findings.find((one) => one.outcome === outcome?.name);
  const added = addedTo(question.value.policies[tab.value]);
  const narrow = useNarrow();
  const language = lang.value;
  const option = useMemo(() => {
    if (!curve || !outcome) return {};
    const weeks = added.map(({ week }) => week);
    return levels
      ? levelsOption(curve, outcome, claims, weeks, narrow)
      : differenceOption(curve, finding, outcome, weeks, narrow);
  }, [curve, outcome, levels, narrow, language]);
  if (!curve || !outcome) return null;
  return (
    <Section id="curves" title={word("curves.title")}>
      <ChooseOutcome id="curves-outcome" of={outcomes} value={outcome.name} onChoose={setChosen} />
      <p class="choose" role="group" aria-label={word("curves.view")}>
        <button type="button" aria-pressed={!levels} onClick={() => setLevels(false)}>
          {word("curves.differences")}
        </button>{" "}
        <button type="button" aria-pressed={levels} onClick={() => setLevels(true)}>
          {word("curves.levels")}
        </button>
      </p>
      <Chart
        name={`curve-${outcome.name}`}
        caption={word(levels ? "curves.caption_levels" : "curves.caption", {
          outcome: outcome.title,
          unit: outcome.unit,
        })}
        text={t(curve.text)}
        option={option}
        height={280}
        table={curveTable(curve, outcome)}
        legend={
          levels ? (
            <LevelsLegend claims={claims} />
          ) : (
            <DifferenceLegend curve={curve} hasLeast={finding?.least != null} />
          )
        }
      />
      <Phases />
      <Added of={added} />
      {t(outcome.meaning) && (
        <p class="meaning">
          <Say text={outcome.meaning} />
        </p>
      )}
    </Section>
  );
}

/** What happens under a policy in the course of the run. */
function addedTo(policy: Policy | undefined): Happening[] {
  return policy ? happenings(policy, meta).filter(({ week }) => week > 0 && week < meta.weeks) : [];
}

function Added({ of }: { of: Happening[] }) {
  if (!of.length) return null;
  return (
    <div class="phases">
      <p>{word("curves.added")}</p>
      <ol class="lettered">
        {of.map(({ week, event, details }, i) => (
          <li key={i}>
            {letterOf(i)}. {event ? <Say text={event.name} /> : <code dir="ltr">{rich(details)}</code>} (
            <Word of="week.dated" with={{ week, date: meta.dates[week] ?? { en: "", fa: "" } }} />)
          </li>
        ))}
      </ol>
    </div>
  );
}

function Phases() {
  if (!phasesInOrder().length) return null;
  return (
    <div class="phases">
      <p>{word("curves.phases")}</p>
      <ol>
        {phasesInOrder().map(({ start, name }) => (
          <li key={start}>
            <Say text={name} /> (
            <Word of="week.dated" with={{ week: start, date: meta.dates[start] ?? { en: "", fa: "" } }} />)
          </li>
        ))}
      </ol>
    </div>
  );
}

function DifferenceLegend({ curve, hasLeast }: { curve: Curve; hasLeast: boolean }) {
  const banded = curve.low.some((low) => low !== null);
  return (
    <ul class="legend">
      <li>
        <span class="swatch line" aria-hidden="true" /> {word("curves.mean")}
      </li>
      {banded ? (
        <li>
          <span class="swatch interval" aria-hidden="true" /> {word("curves.band")}
        </li>
      ) : (
        <li>
          <Word of="curves.no_band" />
        </li>
      )}
      {hasLeast && (
        <li>
          <span class="swatch band" aria-hidden="true" /> {word("curves.least")}
        </li>
      )}
    </ul>
  );
}

function LevelsLegend({ claims }: { claims: Claim[] }) {
  return (
    <ul class="legend">
      <li>
        <span class="swatch line" aria-hidden="true" /> {word("chart.policy")}
      </li>
      <li>
        <span class="swatch dashed" aria-hidden="true" /> {word("chart.base")}
      </li>
      {claims.length > 0 && (
        <li>
          <span aria-hidden="true">△</span> {word("curves.claim")}
        </li>
      )}
    </ul>
  );
}
