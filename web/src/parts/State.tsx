// Where the answer comes from, always in words: stored or live, how many pairs, or what is wrong.
import { again, answering } from "../answering";
import { Say, Word, word } from "../text";

export function State() {
  const { answer, phase, note, progress, faulty } = answering.value;
  // With its last pair the run is over, also where the word of it is still on its way.
  const running = phase === "running" && !(answer?.source === "live" && answer.pairs >= answer.wanted);
  return (
    <div class={faulty ? "state faulty" : "state"}>
      <p>
        {phase === "looking" && <Word of="state.looking" />}
        {answer && (
          <strong>
            <Say text={answer.source_text} />
          </strong>
        )}
        {running && answer?.source !== "live" && (
          <>
            {answer && " · "}
            {progress ? <Say text={progress.text} /> : <Word of="state.starting" />}
          </>
        )}
        {running && answer?.source === "live" && (
          <>
            {" · "}
            <Word of="state.goes_on" />
          </>
        )}
        {note && (
          <>
            {(answer || phase === "running") && " · "}
            <Say text={note} />
          </>
        )}{" "}
        {faulty && (
          <button type="button" class="small" onClick={again}>
            {word("state.again")}
          </button>
        )}
      </p>
      {progress && running && (
        <progress max={progress.wanted} value={progress.pairs} aria-label={word("state.progress")} />
      )}
      <Announced />
    </div>
  );
}

/** For screen readers: the steps that matter, not each of twenty pairs. */
function Announced() {
  const { answer, phase, note, faulty } = answering.value;
  const ready = answer && (answer.source === "stored" || phase === "ended");
  return (
    <p class="unseen" role="status" aria-live="polite">
      {phase === "looking" && word("state.looking")}
      {phase === "running" && !answer && word("state.starting")}
      {ready && <Say text={answer.source_text} />} {note && (faulty || phase === "ended") && <Say text={note} />}
    </p>
  );
}
