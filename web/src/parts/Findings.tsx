// What happens to the city: outcome, baseline, with the policy, difference, interval, effect in words.
import type { PolicyAnswer } from "../contract";
import { saveTable } from "../files";
import { meta } from "../state";
import { Say, Word, t, word } from "../text";
import { Mark, OutcomeHead, Section } from "./small";

export function Findings({ answer, week }: { answer: PolicyAnswer; week: number }) {
  const columns = [
    word("table.outcome"),
    word("table.base"),
    word("table.policy"),
    word("table.difference"),
    word("table.interval"),
    word("table.effect"),
  ];
  const date = meta.dates[week] ?? { en: "", fa: "" };
  const store = () =>
    saveTable("findings", {
      columns: [...columns, word("table.certainty")],
      rows: answer.findings.map(({ title, unit, shown, effect, certainty }) => [
        `${t(title)} (${t(unit)})`,
        ...[shown.base, shown.policy, shown.difference, shown.interval, effect].map(t),
        certainty ? t(certainty) : "",
      ]),
    });
  return (
    <Section id="findings" title={word("findings.title")}>
      <p class="meaning">
        <Word of="findings.when" with={{ week, date }} />
      </p>
      <div class="scroll">
        <table class="data findings">
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {answer.findings.map((finding) => (
              <tr key={finding.outcome}>
                <OutcomeHead finding={finding} />
                {(["base", "policy", "difference", "interval"] as const).map((cell, i) => (
                  <td key={cell} data-column={columns[i + 1]}>
                    <span>
                      <Say text={finding.shown[cell]} />
                    </span>
                  </td>
                ))}
                <td data-column={columns[5]} class="effect">
                  <span>
                    <Mark verdict={finding.verdict} /> <Say text={finding.effect} />
                  </span>
                  {finding.certainty && (
                    <span class="unit">
                      <Word of="findings.certainty" with={{ level: finding.certainty }} />
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="meaning">
        <Word of="findings.rule" /> <Word of="findings.rounded" />
      </p>
      <details>
        <summary>{word("findings.sentences")}</summary>
        <ul>
          {answer.findings.map((finding) => (
            <li key={finding.outcome}>
              <Say text={finding.sentence} />
            </li>
          ))}
        </ul>
      </details>
      <div class="tools">
        <button type="button" onClick={store}>
          {word("chart.csv")}
        </button>
      </div>
    </Section>
  );
}
