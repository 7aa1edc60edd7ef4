// What the page is, in one sentence; its languages; which model it speaks of.
import { meta, notice } from "../state";
import { LANGUAGES, Say, Word, lang, word } from "../text";
import { Share } from "./Share";

const NAMES = { en: "English", fa: "فارسی" };

export function Header() {
  return (
    <header class="top">
      <div class="title">
        <h1>
          <Word of="header.title" with={{ city: meta.city.title }} />
        </h1>
        <div class="languages" role="group" aria-label={word("header.language")}>
          {LANGUAGES.map((one) => (
            <button
              type="button"
              key={one}
              lang={one}
              aria-pressed={lang.value === one}
              onClick={() => (lang.value = one)}
            >
              {NAMES[one]}
            </button>
          ))}
        </div>
      </div>
      <p class="lead">
        <Word of="header.lead" with={{ city: meta.city.title }} />
      </p>
      <div class="under">
        <p class="quiet">
          <Word of="header.version" with={{ version: meta.version }} /> <bdi dir="ltr">{meta.model}</bdi>
          {meta.exported && (
            <>
              {" · "}
              <Word of="header.exported" with={{ day: meta.exported }} />
            </>
          )}
        </p>
        <Share />
      </div>
      {notice.value && (
        <p class="notice" role="alert">
          <Say text={notice.value} />{" "}
          <button type="button" onClick={() => (notice.value = null)}>
            {word("notice.close")}
          </button>
        </p>
      )}
    </header>
  );
}

/** What the map is, and what the page is not. */
export function Footer() {
  return (
    <footer>
      <p>
        <Say text={meta.city.note} />
      </p>
      <p>{word("footer.science")}</p>
    </footer>
  );
}
