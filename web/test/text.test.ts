import assert from "node:assert/strict";
import { test } from "node:test";
import { digits, lang, number, plain, setWords, word } from "../src/text";

const isolated = (text: string) =>
  text
    .replace(/\u2066/g, "[")
    .replace(/\u2069/g, "]")
    .replace(/\u2067/g, "<");

test("numbers are written as the language writes them", () => {
  lang.value = "fa";
  assert.equal(number(-1234.5, 1), "−۱٬۲۳۴٫۵");
  assert.equal(number(0.04, 1, true), "۰٫۰");
  assert.equal(number(-0.04, 1, true), "۰٫۰");
  assert.equal(number(2, 1, true), "+۲٫۰");
  lang.value = "en";
  assert.equal(number(-0.5, 1), "−0.5");
  assert.equal(digits("50 %", "fa"), "۵۰ ٪");
});

test("a sign stays with its number, and Latin text with what it holds", () => {
  lang.value = "fa";
  assert.equal(isolated(plain("تفاوت −۱٫۴ (−۲ تا +۳)")), "<تفاوت [−۱٫۴] ([−۲] تا [+۳])]");
  assert.equal(
    isolated(plain("ادعا (press.ir 12, 3 May (46 of 94)). نه")),
    "<ادعا ([press.ir 12, 3 May (46 of 94)]). نه]",
  );
  assert.equal(isolated(plain("ادعا (press.ir 12). نه")), "<ادعا ([press.ir 12]). نه]");
  lang.value = "en";
  assert.equal(isolated(plain("from -2 to 3")), "from [-2] to 3");
});

test("the Persian percent sign stands left of its number, alone and in a sentence", () => {
  lang.value = "fa";
  assert.equal(plain("۳۵٪"), "\u2067۳۵\u200f٪\u200f\u2069");
  assert.equal(plain("بازه ۹۵٪ از"), "\u2067بازه ۹۵\u200f٪\u200f از\u2069");
});

test("words take values in both languages", () => {
  setWords({ "week.dated": { en: "week {week}, {date}", fa: "هفته {week}، {date}" } });
  lang.value = "fa";
  assert.equal(word("week.dated", { week: 12, date: { en: "1 May", fa: "۱ مهر" } }), "هفته ۱۲، ۱ مهر");
});
