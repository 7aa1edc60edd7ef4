// Where a fault of a single act is said: above whatever is in view, until it is closed.
import { Say, word } from "../text";
import { trouble } from "../trouble";

export function Trouble() {
  if (!trouble.value) return null;
  return (
    <p class="fault trouble" role="alert">
      <Say text={trouble.value} />{" "}
      <button type="button" class="small" onClick={() => (trouble.value = null)}>
        {word("notice.close")}
      </button>
    </p>
  );
}
