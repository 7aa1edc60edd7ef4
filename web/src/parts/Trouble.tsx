// Where a fault of a single act is said: above whatever is in view, until it is closed.
import { Say, word } from "../text";
import { trouble } from "../trouble";

export function Trouble() {
  return (
    <div class="trouble" role="alert">
      {trouble.value && (
        <p class="fault">
          <Say text={trouble.value} />{" "}
          <button type="button" class="small" onClick={() => (trouble.value = null)}>
            {word("notice.close")}
          </button>
        </p>
      )}
    </div>
  );
}
