// The whole page: what is asked at one side, what is answered at the other; one below the other on a telephone.
import { useEffect, useState } from "preact/hooks";
import { question, source, tab } from "../state";
import { Word, t, word } from "../text";
import { Answers } from "./Answers";
import { Footer, Header } from "./Header";
import { Levers } from "./Levers";
import { useNarrow } from "./small";
import { Trouble } from "./Trouble";
import { Watch } from "./Watch";

export function Page() {
  return (
    <>
      <a class="skip" href="#answers-title" onClick={skip}>
        {word("page.skip")}
      </a>
      <Header />
      <main>
        <Aside />
        <div class="main">
          <Answers />
          {source.server && <Watch server={source.server} />}
        </div>
      </main>
      <Footer />
      <Trouble />
    </>
  );
}

/** The address after "#" is the question's, so that the link cannot go there by itself. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  const heading = document.getElementById("answers-title");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus();
}

/** The levers: beside the answer where there is room, else folded above it. */
function Aside() {
  const narrow = useNarrow(900);
  const [open, setOpen] = useState(!narrow);
  useEffect(() => setOpen(!narrow), [narrow]);
  const title = question.value.policies[tab.value]?.title ?? question.value.base.title;
  return (
    <aside aria-labelledby="levers-title">
      <details class="drawer" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary id="levers-title">
          {word("levers.heading")}
          {!open && (
            <span class="summary-title">
              <Word of="levers.now" with={{ title: t(title) }} />
            </span>
          )}
        </summary>
        <Levers />
      </details>
    </aside>
  );
}
