// Where a fault of a single act is said.
import { Say } from "../text";
import { trouble } from "../trouble";

export function Trouble() {
  if (!trouble.value) return null;
  return (
    <p class="fault" role="alert">
      <Say text={trouble.value} />
    </p>
  );
}
