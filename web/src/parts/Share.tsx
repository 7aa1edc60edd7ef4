// What can be taken along: a link, the sheet of paper, the numbers.
import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { answering } from "../answering";
import { save } from "../files";
import { meta, question, source, tab } from "../state";
import { hashOf } from "../link";
import { lang, word } from "../text";
import { guarded } from "../trouble";

type Copied = "no" | "yes" | "by_hand";
const copied = signal<Copied>("no");

export function Share() {
  const field = useRef<HTMLInputElement>(null);
  const { server } = source;
  // Without what stands after "?": the language is in the state, and a token is nobody else's.
  const page = location.href.split(/[?#]/)[0] ?? "";
  const address = page + hashOf(question.value, tab.value, lang.value, meta);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      copied.value = "yes";
      setTimeout(() => (copied.value = "no"), 3000);
    } catch {
      copied.value = "by_hand"; // no permission, or no secure address: the user copies from the field
      field.current?.select();
    }
  };
  return (
    <div class="share">
      <button type="button" onClick={() => void copy()}>
        {word(copied.value === "yes" ? "share.copied" : "share.copy")}
      </button>
      {server && (
        <>
          <form method="post" target="_blank" action={server.brief(question.value, lang.value)}>
            <button type="submit" disabled={!answering.value.answer}>
              {word("share.brief")}
            </button>
          </form>
          <button
            type="button"
            disabled={!answering.value.answer}
            onClick={() => void guarded(async () => save("answer.csv", "text/csv", await server.table(question.value)))}
          >
            {word("share.table")}
          </button>
        </>
      )}
      <button type="button" onClick={() => print()}>
        {word("share.print")}
      </button>
      <span class="aside" role="status">
        {copied.value === "yes" && word("share.copied")}
      </span>
      {copied.value === "by_hand" && (
        <label class="by-hand">
          {word("share.by_hand")}{" "}
          <input
            ref={field}
            type="text"
            readOnly
            dir="ltr"
            value={address}
            onFocus={(event) => event.currentTarget.select()}
          />
        </label>
      )}
    </div>
  );
}
