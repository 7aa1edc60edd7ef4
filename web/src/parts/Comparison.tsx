// All policies side by side: one row an outcome, the difference from the baseline in a number and in words.
import type { Answer } from "../contract";
import { question, tab } from "../state";
import { Say, Word, t, word } from "../text";
import { isTold } from "./Groups";
import { Mark, OutcomeHead, Section } from "./small";

export function Comparison({ answer }: { answer: Answer }) {
  const { policies, base } = answer;
  const titles = policies.map((policy, i) => question.value.policies[i]?.title ?? policy.title);
  // A policy without councils has no findings about them.
  const outcomes = [
    ...new Map(policies.flatMap((policy) => policy.findings).map((one) => [one.outcome, one])).values(),
  ];
  return (
    <Section id="comparison" title={word("comparison.title")}>
      <p class="meaning">
        <Word of="comparison.meaning" with={{ base: base.title }} />
      </p>
      <div class="scroll">
        <table class="data comparison">
          <thead>
            <tr>
              <th scope="col">{word("table.outcome")}</th>
              {titles.map((title, i) => (
                <th scope="col" key={i}>
                  <button type="button" class="link" aria-pressed={tab.value === i} onClick={() => (tab.value = i)}>
                    <Say text={title} />
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {outcomes.map((finding) => (
              <tr key={finding.outcome}>
                <OutcomeHead finding={finding} />
                {policies.map((policy, i) => {
                  const cell = policy.findings.find(({ outcome }) => outcome === finding.outcome);
                  return (
                    <td
                      key={i}
                      data-column={t(titles[i] ?? policy.title)}
                      class={tab.value === i ? "chosen" : undefined}
                    >
                      {cell && (
                        <span>
                          <Mark verdict={cell.verdict} /> <Say text={cell.shown.difference} />{" "}
                          <span class="unit">
                            <Say text={cell.effect} />
                          </span>
                        </span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
            <Losers answer={answer} titles={titles.map(t)} />
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** The group that loses most under each policy. */
function Losers({ answer, titles }: { answer: Answer; titles: string[] }) {
  return (
    <tr>
      <th scope="row">{word("comparison.loser")}</th>
      {answer.policies.map((policy, i) => {
        const [first] = policy.losers;
        return (
          <td key={i} data-column={titles[i]} class={tab.value === i ? "chosen" : undefined}>
            {first ? (
              <span>
                <Say text={first.group_title} />{" "}
                <span class="unit">
                  <Say text={first.title} />: <Say text={first.shown.difference} />, <Say text={first.effect} />
                </span>
              </span>
            ) : (
              <span>{word(isTold(policy) ? "comparison.no_loser" : "groups.too_early")}</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
