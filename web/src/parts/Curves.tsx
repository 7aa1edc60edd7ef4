// Differences over time with their bands; levels of baseline and policy in the same place on request.
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { curveTable, differenceOption, levelsOption, phasesInOrder } from "../charts/curves";
import type { Claim, Curve, PolicyAnswer } from "../contract";
import { meta } from "../state";
import { Say, Word, lang, t, word } from "../text";
import { ChooseOutcome, Section, useNarrow } from "./small";

export function Curves({ answer }: { answer: PolicyAnswer }) {
  const [chosen, setChosen] = useState("");
  const [levels, setLevels] = useState(false);
  const outcomes = meta.outcomes.filter(({ name }) => answer.curves.some((curve) => curve.outcome === name));
  const outcome = outcomes.find(({ name }) => name === chosen) ?? outcomes[0];
  const curve = answer.curves.find((one) => one.outcome === outcome?.name);
  const claims = meta.claims.filter((claim) => claim.outcome === outcome?.name);
  const finding = answer.findings.find((one) => one.outcome === outcome?.name);
  const narrow = useNarrow();
  const language = lang.value;
  const option = useMemo(() => {
    if (!curve || !outcome) return {};
    return levels ? levelsOption(curve, outcome, claims, narrow) : differenceOption(curve, finding, outcome, narrow);
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
      {t(outcome.meaning) && (
        <p class="meaning">
          <Say text={outcome.meaning} />
        </p>
      )}
    </Section>
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
