// The answer to the question of now: all policies side by side first, then one at a time.
import { useRef } from "preact/hooks";
import { answering } from "../answering";
import type { Answer, PolicyAnswer } from "../contract";
import { meta, tab } from "../state";
import { Say, Word, word } from "../text";
import { Comparison } from "./Comparison";
import { Curves } from "./Curves";
import { Findings } from "./Findings";
import { Groups } from "./Groups";
import { MapOfChange } from "./MapOfChange";
import { Section, Sentences } from "./small";
import { State } from "./State";

/**
 * While a new question is looked up, the old answer keeps its room but cannot be seen: the page does not jump, and no
 * answer stands under another question.
 */
export function Answers() {
  const { answer, phase } = answering.value;
  const last = useRef<Answer | null>(null);
  if (answer) last.current = answer;
  if (!answer && phase === "ended") last.current = null;
  const drawn = last.current;
  return (
    <section class="answers" aria-labelledby="answers-title">
      <h2 id="answers-title" class="unseen">
        {word("answer.title")}
      </h2>
      <State />
      {!answer && phase !== "ended" && (
        <p class="waiting">
          <Word of="answer.waiting" />
        </p>
      )}
      <div class={answer ? "answer" : "answer older"} aria-hidden={!answer}>
        {drawn && <Whole answer={drawn} />}
      </div>
    </section>
  );
}

function Whole({ answer }: { answer: Answer }) {
  const { policies, base, cautions } = answer;
  const one = policies[Math.min(tab.value, policies.length - 1)];
  return (
    <>
      {policies.length > 1 && <Comparison answer={answer} />}
      {one && <One answer={one} base={base.title} all={answer} />}
      <Section id="cautions" title={word("answer.cautions")}>
        <Sentences of={cautions} />
      </Section>
    </>
  );
}

function One({ answer, base, all }: { answer: PolicyAnswer; base: Answer["base"]["title"]; all: Answer }) {
  const { money, worse, flips, certainty, construction } = answer;
  return (
    <article aria-labelledby="headline">
      <p class="compared">
        <Word of="answer.compared" with={{ policy: answer.title, base }} />
      </p>
      {answer.changes.en && (
        <p class="compared">
          <Say text={answer.changes} />
        </p>
      )}
      <Headline lines={answer.headline_lines} />
      <p class="certainty">
        <strong>
          <Word of="answer.certainty" /> <Say text={certainty.title} />
        </strong>{" "}
        <button type="button" class="small" onClick={() => show("certainty")}>
          {word("answer.why")}
        </button>{" "}
        <button type="button" class="small" onClick={() => show("groups")}>
          {word("groups.title")}
        </button>
      </p>
      <Findings answer={answer} week={all.week} />
      <Groups answer={answer} all={all.policies} />
      <Curves answer={answer} />
      <MapOfChange answer={answer} all={all.policies} />
      <Listed id="money" title={word("answer.money")} of={money} />
      <Listed id="worse" title={word("answer.worse")} of={worse} />
      <Listed id="flips" title={word("answer.flips")} of={flips} />
      <Section id="certainty" title={word("answer.certainty_title")}>
        <p>
          <strong>
            <Say text={certainty.title} />
          </strong>
        </p>
        <Sentences of={certainty.reasons} />
      </Section>
      <Listed id="construction" title={word("answer.construction")} of={construction} />
      <Claims />
    </article>
  );
}

/** Bring a section into view. */
function show(section: string) {
  document.getElementById(section)?.scrollIntoView({ block: "start" });
}

/** The balance, then losses, gains and the rest, a line each. */
function Headline({ lines: [balance, ...parts] }: { lines: PolicyAnswer["headline_lines"] }) {
  return (
    <div class="headline" id="headline">
      <p>{balance && <Say text={balance} />}</p>
      {parts.length > 0 && (
        <ul>
          {parts.map((text) => (
            <li key={text.en}>
              <Say text={text} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Listed({ id, title, of }: { id: string; title: string; of: PolicyAnswer["money"] }) {
  if (!of.length) return null;
  return (
    <Section id={id} title={title}>
      <Sentences of={of} />
    </Section>
  );
}

function Claims() {
  if (!meta.claims.length) return null;
  return (
    <Section id="claims" title={word("answer.claims")}>
      <p class="meaning">
        <Say text={meta.claims_meaning} />
      </p>
      <ul class="claims">
        {meta.claims.map((claim) => (
          <li key={claim.text.en}>
            <Say text={claim.text} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
