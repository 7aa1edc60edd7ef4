// What is compared: the baseline, up to four policies, and what can be changed about the one that is chosen.
import type { Meta, Policy } from "../contract";
import { otherSettings, presetNamed, presetOf, settings } from "../policy";
import {
  addPolicy,
  canRedo,
  canUndo,
  meta,
  question,
  redo,
  removePolicy,
  reset,
  setPolicy,
  source,
  tab,
  undo,
} from "../state";
import { Say, Word, rich, t, word } from "../text";
import { Events } from "./Events";
import { LeverControl, changedIn } from "./LeverControl";
import { PolicyFile } from "./PolicyFile";

export function Levers() {
  const { base, policies } = question.value;
  const at = tab.value;
  const policy = policies[at];
  return (
    <div class="panel">
      <div class="steps" role="group" aria-label={word("steps")}>
        <button type="button" disabled={!canUndo.value} onClick={undo}>
          {word("steps.undo")}
        </button>
        <button type="button" disabled={!canRedo.value} onClick={redo}>
          {word("steps.redo")}
        </button>
        <button type="button" onClick={reset}>
          {word("steps.reset")}
        </button>
      </div>
      <PresetChoice
        id="baseline"
        label={word("levers.base")}
        policy={base}
        onChoose={(chosen) => setPolicy(-1, chosen)}
      />
      <Tabs />
      {policy && (
        <div id="policy" role="tabpanel" aria-labelledby={`tab-${at}`}>
          <PresetChoice
            id="preset"
            label={word("levers.preset")}
            policy={policy}
            onChoose={(chosen) => setPolicy(at, chosen)}
          />
          <p class="field">
            <label for="title">{word("levers.title")}</label>
            <input
              id="title"
              type="text"
              maxLength={120}
              value={t(policy.title)}
              onChange={(event) => named(at, policy, event.currentTarget.value)}
            />
          </p>
          <Groups policy={policy} at={at} />
          <Events policy={policy} onChange={(changed) => setPolicy(at, changed)} />
          <Others policy={policy} of={meta} />
          {source.server && <PolicyFile server={source.server} policy={policy} at={at} />}
          {policies.length > 1 && (
            <p>
              <button type="button" onClick={() => removePolicy(at)}>
                {word("levers.remove")}
              </button>
            </p>
          )}
        </div>
      )}
    </div>
  );
}

function named(at: number, policy: Policy, title: string): void {
  const trimmed = title.trim();
  if (trimmed) setPolicy(at, { ...policy, title: { en: trimmed, fa: trimmed } });
}

function Tabs() {
  const { policies } = question.value;
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    tab.value = (tab.value + step + policies.length) % policies.length;
    document.getElementById(`tab-${tab.value}`)?.focus();
  };
  return (
    <div class="policies">
      <div role="tablist" aria-orientation="vertical" aria-label={word("levers.policies")} onKeyDown={move}>
        {policies.map((policy, i) => (
          <button
            type="button"
            role="tab"
            key={i}
            id={`tab-${i}`}
            aria-selected={i === tab.value}
            aria-controls="policy"
            tabIndex={i === tab.value ? 0 : -1}
            onClick={() => (tab.value = i)}
          >
            <Word of="levers.numbered" with={{ number: i + 1, title: policy.title }} />
          </button>
        ))}
      </div>
      {policies.length >= meta.limits.policies ? (
        <p class="meaning">
          <Word of="levers.full" with={{ number: meta.limits.policies }} />
        </p>
      ) : (
        <p class="field">
          <label for="add">{word("levers.add")}</label>
          <select
            id="add"
            value=""
            onChange={(event) => {
              if (event.currentTarget.value) addPolicy(presetNamed(event.currentTarget.value, meta));
              event.currentTarget.value = "";
            }}
          >
            <option value="">{word("levers.choose")}</option>
            <PresetOptions />
          </select>
        </p>
      )}
    </div>
  );
}

function PresetOptions() {
  return (
    <>
      {meta.presets.map((preset) => (
        <option key={preset.name} value={preset.name}>
          {t(preset.title)}
        </option>
      ))}
    </>
  );
}

interface PresetProps {
  id: string;
  label: string;
  policy: Policy;
  onChoose: (policy: Policy) => void;
}

function PresetChoice({ id, label, policy, onChoose }: PresetProps) {
  const preset = presetOf(policy, meta);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={preset?.name ?? ""}
        aria-describedby={`${id}-description`}
        onChange={(event) => onChoose(presetNamed(event.currentTarget.value, meta))}
      >
        {!preset && <option value="">{t(policy.title)}</option>}
        <PresetOptions />
      </select>
      <p class="meaning" id={`${id}-description`}>
        {preset ? <Say text={preset.description} /> : word("levers.no_preset")}
      </p>
    </div>
  );
}

/** Levers under their headings; a heading says how many of its levers differ from the city's own. */
function Groups({ policy, at }: { policy: Policy; at: number }) {
  const names = [...new Set(meta.levers.map((lever) => lever.group.en))];
  return (
    <>
      {names.map((name, i) => {
        const levers = meta.levers.filter((lever) => lever.group.en === name);
        const changed = changedIn(levers, policy);
        const heading = levers[0]?.group;
        return (
          <details class="group" key={name} open={i === 0}>
            <summary>
              {heading && <Say text={heading} />}
              {changed > 0 && (
                <span class="changed">
                  {" "}
                  <Word of="levers.changed" with={{ number: changed }} />
                </span>
              )}
            </summary>
            {levers.map((lever) => (
              <LeverControl key={lever.key} lever={lever} policy={policy} at={at} />
            ))}
          </details>
        );
      })}
    </>
  );
}

/** What the policy sets beyond the page's levers. */
function Others({ policy, of }: { policy: Policy; of: Meta }) {
  const others = otherSettings(policy, of);
  if (!others.length) return null;
  return (
    <details class="group">
      <summary>
        <Word of="levers.others" with={{ number: others.length }} />
      </summary>
      <p class="meaning">{word("levers.others_meaning")}</p>
      <ul class="settings">
        {others.map(([key, value]) => (
          <li key={key}>
            <code dir="ltr">{rich(settings({ [key]: value }))}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
