// Who loses, then who gains, in words; and all groups on one scale.
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { extentOf, groupHeight, groupOption, groupRows, groupTable } from "../charts/groups";
import type { GroupFinding, PolicyAnswer, Text } from "../contract";
import { meta } from "../state";
import { Say, Word, lang, t, word } from "../text";
import { ChooseOutcome, Mark, Section, useNarrow } from "./small";

const FEW = 5; // shown at first

/** Whether any group has an interval; without one, nobody can be said to lose or not to lose. */
export function isTold(answer: PolicyAnswer): boolean {
  return answer.groups.some((group) => group.low !== null);
}

export function Groups({ answer, all }: { answer: PolicyAnswer; all: PolicyAnswer[] }) {
  const outcomes = meta.outcomes.filter(({ name }) => answer.groups.some((group) => group.outcome === name));
  const [chosen, setChosen] = useState("");
  const narrow = useNarrow();
  const early = isTold(answer) ? null : word("groups.too_early");
  // At first the outcome in which somebody loses most.
  const first = chosen || answer.losers[0]?.outcome;
  const outcome = outcomes.find(({ name }) => name === first) ?? outcomes[0];
  const groups = answer.groups.filter((group) => group.outcome === outcome?.name);
  // Outcomes of one unit have one scale, under all policies: a small effect looks small.
  const alike = outcomes.filter((one) => one.unit.en === outcome?.unit.en).map(({ name }) => name);
  const extent = extentOf(all.flatMap((policy) => policy.groups.filter((group) => alike.includes(group.outcome))));
  const language = lang.value;
  const rows = useMemo(() => groupRows(groups), [answer, outcome, language]);
  const option = useMemo(
    () => (outcome ? groupOption(rows, outcome, extent, narrow) : {}),
    [rows, outcome, extent, narrow, language],
  );
  return (
    <Section id="groups" title={word("groups.title")}>
      <div class="sides">
        <Side
          title={word("groups.losers")}
          none={early ?? word("groups.no_losers")}
          of={answer.losers}
          first={answer.worn_out}
        />
        <Side title={word("groups.gainers")} none={early ?? word("groups.no_gainers")} of={answer.gainers} />
      </div>
      {outcome && (
        <>
          <ChooseOutcome id="groups-outcome" of={outcomes} value={outcome.name} onChoose={setChosen} />
          <Chart
            name={`groups-${outcome.name}`}
            caption={word("groups.caption", { outcome: outcome.title, unit: outcome.unit })}
            text={t(answer.groups_text)}
            option={option}
            height={groupHeight(rows, narrow)}
            table={groupTable(groups)}
            legend={<Legend least={groups[0]} />}
          />
        </>
      )}
    </Section>
  );
}

function Side({ title, none, of, first }: { title: string; none: string; of: GroupFinding[]; first?: Text }) {
  const [whole, setWhole] = useState(false);
  return (
    <div class="side">
      <h4>{title}</h4>
      {first?.en && (
        <p>
          <Say text={first} />
        </p>
      )}
      {of.length === 0 && <p>{none}</p>}
      <ul class="marked">
        {of.map((finding, i) => (
          <li key={`${finding.group} ${finding.outcome}`} class={i >= FEW && !whole ? "on-paper" : undefined}>
            <Mark verdict={finding.verdict} />
            <span>
              <Say text={finding.sentence} />
            </span>
          </li>
        ))}
      </ul>
      {of.length > FEW && (
        <button type="button" class="small" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          <Word of={whole ? "groups.fewer" : "groups.more"} with={{ number: of.length }} />
        </button>
      )}
    </div>
  );
}

function Legend({ least }: { least: GroupFinding | undefined }) {
  return (
    <ul class="legend">
      <li>
        <Mark verdict="worse" /> {word("verdict.worse")}
      </li>
      <li>
        <Mark verdict="may be worse" /> {word("verdict.may_be_worse")}
      </li>
      <li>
        <Mark verdict="better" /> {word("verdict.better")}
      </li>
      <li>
        <Mark verdict="may be better" /> {word("verdict.may_be_better")}
      </li>
      <li>
        <Mark verdict="none" /> {word("verdict.other")}
      </li>
      {least?.least != null && (
        <li>
          <span class="swatch band" aria-hidden="true" />{" "}
          <Word of="groups.least" with={{ least: least.shown.least, unit: least.unit }} />
        </li>
      )}
    </ul>
  );
}
