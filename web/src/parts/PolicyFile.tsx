// The policy as the file that `mahalle run`, `sweep` and `compare` take.
import type { Policy } from "../contract";
import { save } from "../files";
import type { Server } from "../server";
import { Refused } from "../source";
import { meta, setPolicy } from "../state";
import { word, wordText } from "../text";
import { guarded } from "../trouble";

export function PolicyFile({ server, policy, at }: { server: Server; policy: Policy; at: number }) {
  const store = () => guarded(async () => save("policy.yaml", "text/yaml", await server.yaml(policy)));
  const load = (file: File) =>
    guarded(async () => {
      if (file.size > meta.limits.upload) throw new Refused(wordText("file.too_large", { bytes: meta.limits.upload }));
      setPolicy(at, await server.policy(await file.text()));
    });
  return (
    <details class="group">
      <summary>{word("file.title")}</summary>
      <p class="meaning">{word("file.meaning")}</p>
      <p class="field">
        <button type="button" onClick={() => void store()}>
          {word("file.save")}
        </button>
      </p>
      {/* The browser's own button would speak the browser's language. */}
      <label class="as-button">
        {word("file.load")}
        <input
          class="unseen"
          type="file"
          accept=".yaml,.yml,text/yaml"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) void load(file);
            event.currentTarget.value = ""; // the same file can be loaded again
          }}
        />
      </label>
    </details>
  );
}
