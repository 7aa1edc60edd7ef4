// One lever: its value in words, what it means, where the city's own value comes from.
import type { Lever, Policy, Value } from "../contract";
import { isChanged, same, valueOf, withLever } from "../policy";
import { question, setPolicy, source } from "../state";
import { Say, Word, digits, number, rich, t, word } from "../text";

export function changedIn(levers: Lever[], policy: Policy): number {
  return levers.filter((lever) => isChanged(policy, lever)).length;
}

/** A value of a lever in words. */
export function inWords(lever: Lever, value: Value): string {
  if (lever.kind === "flag") return word(value ? "lever.yes" : "lever.no");
  if (lever.kind === "choice") {
    const choice = lever.choices?.find((one) => same(one.value, value));
    return choice ? t(choice.name) : digits(String(value));
  }
  const amount = Number(value) * (lever.percent ? 100 : 1);
  const text = number(amount, decimalsOf((lever.step ?? 1) * (lever.percent ? 100 : 1), amount));
  const unit = t(lever.unit);
  return `${text}${lever.percent ? word("lever.percent") : ""}${unit ? ` ${unit}` : ""}`;
}

/** As many decimals as the step has, or the value itself. */
function decimalsOf(step: number, value: number): number {
  const decimals = (x: number) => Number(x.toPrecision(9)).toString().split(".")[1]?.length ?? 0;
  return Math.min(3, Math.max(decimals(step), decimals(value)));
}

export function LeverControl({ lever, policy, at }: { lever: Lever; policy: Policy; at: number }) {
  const id = `lever-${lever.key}`;
  const changed = isChanged(policy, lever);
  const move = (value: Value) => setPolicy(at, withLever(policy, lever, value), `${at} ${lever.key}`);
  return (
    <div class={changed ? "lever moved" : "lever"}>
      <Control id={id} lever={lever} policy={policy} onMove={move} />
      <p class="meaning" id={`${id}-meaning`}>
        <Say text={lever.meaning} />
      </p>
      {changed && (
        <p class="moved-note">
          <Word of="lever.differs" with={{ value: inWords(lever, lever.default) }} />{" "}
          <button
            type="button"
            class="small"
            onClick={() => move(lever.default)}
            aria-label={word("lever.reset_named", { name: lever.name })}
          >
            {word("lever.reset")}
          </button>
        </p>
      )}
      <details class="why">
        <summary aria-label={word("lever.why_named", { name: lever.name })}>{word("lever.why")}</summary>
        <p>
          <Say text={lever.evidence} />
        </p>
      </details>
    </div>
  );
}

interface ControlProps {
  id: string;
  lever: Lever;
  policy: Policy;
  onMove: (value: Value) => void;
}

function Control({ id, lever, policy, onMove }: ControlProps) {
  const value = valueOf(policy, lever);
  const described = `${id}-meaning`;
  if (lever.kind === "flag") {
    return (
      <label class="flag" for={id}>
        <input
          id={id}
          type="checkbox"
          checked={value === true}
          aria-describedby={described}
          onChange={(event) => onMove(event.currentTarget.checked)}
        />{" "}
        <Say text={lever.name} />
      </label>
    );
  }
  if (lever.kind === "choice") return <Choice id={id} lever={lever} policy={policy} onMove={onMove} />;
  const text = inWords(lever, value);
  return (
    <>
      <div class="named">
        <label for={id}>
          <Say text={lever.name} />
        </label>
        <output for={id}>{rich(text)}</output>
      </div>
      <input
        id={id}
        type="range"
        min={lever.minimum}
        max={lever.maximum}
        step={lever.step ?? "any"}
        value={Number(value)}
        aria-valuetext={text}
        aria-describedby={described}
        onInput={(event) => onMove(event.currentTarget.valueAsNumber)}
      />
      <Ticks lever={lever} policy={policy} />
    </>
  );
}

function Choice({ id, lever, policy, onMove }: ControlProps) {
  const value = valueOf(policy, lever);
  const choices = lever.choices ?? [];
  const at = choices.findIndex((choice) => same(choice.value, value));
  return (
    <div class="field">
      <label for={id}>
        <Say text={lever.name} />
      </label>
      <select
        id={id}
        value={String(at)}
        aria-describedby={`${id}-meaning`}
        onChange={(event) => {
          const chosen = choices[Number(event.currentTarget.value)];
          if (chosen) onMove(chosen.value);
        }}
      >
        {at < 0 && <option value="-1">{inWords(lever, value)}</option>}
        {choices.map((choice, i) => (
          <option key={i} value={String(i)}>
            {t(choice.name)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Marks below a range where an answer is stored. */
function Ticks({ lever, policy }: { lever: Lever; policy: Policy }) {
  const { minimum = 0, maximum = 1 } = lever;
  const { base } = question.value;
  const values = lever.stored
    .filter((value): value is number => typeof value === "number")
    .filter((value) => source.holds(base, withLever(policy, lever, value), lever));
  if (!values.length) return null;
  const title = word("lever.stored", { values: values.map((value) => inWords(lever, value)).join(word("list.comma")) });
  return (
    <div class="ticks" role="img" aria-label={title} title={title}>
      {values.map((value) => (
        <span
          key={value}
          style={{ insetInlineStart: `calc(8px + (100% - 16px) * ${(value - minimum) / (maximum - minimum)})` }}
        />
      ))}
    </div>
  );
}
