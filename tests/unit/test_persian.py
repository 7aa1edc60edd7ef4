"""Persian texts use one term for one thing, Persian letters and digits, and the same placeholders as the English."""

import ast
import contextlib
import re
from pathlib import Path

import pytest

from experiments.cli import main
from sim.yaml_text import read_yaml

ROOT = Path(__file__).parents[2]
PERSIAN = re.compile("[آ-ی]{2}")
PLACES = {
    "experiments": "*.py",
    "experiments/page": "*.yaml",
    "sim/outcomes": "*.py",
    "configs": "*.yaml",
    "docs/examples": "*.yaml",
    "experiments/new_study": "*.j2",
    "docs/fa": "*.md",
}
FILES = [
    path
    for place, kind in PLACES.items()
    for path in (*sorted((ROOT / place).rglob(kind)), *([ROOT / "README.md"] if kind == "*.md" else []))
    if PERSIAN.search(path.read_text(encoding="utf-8"))
]
FORMS = [path for path in FILES if path.suffix == ".yaml"]

LATIN = {
    "A4", "BASE", "CSV", "Ctrl-C", "Dask", "English", "MPI", "Mahalle", "PRIM", "Parquet", "SVG", "SolaraViz",
    "UTC", "YAML", "chromium", "flock", "S", "S1", "ST", "floor", "high", "low", "mu", "mu_star", "p", "share",
    "sigma", "N", "NAME", "compare", "failures", "install", "mahalle", "outcomes", "pip", "run", "runs", "selected",
    "sweep", "validate",
}  # fmt: skip
"""Names, letters of statistics, heads of columns and commands that have no Persian."""

NO_WORD = r"{[^{}]*}|`[^`]*`|--[a-z-]+|[\w-]+(?:[./][\w-]*)+(?:\([^)]*\)[.\w()]*)?"
"""Places of values, code, options, and names of files, keys and sites."""

FAULTS = {
    "an Arabic letter or digit": "[يكىةۀٔ٠-٩]",
    "a tatweel": "ـ",
    "a Latin digit": r"(?<![A-Za-z{/._-])[0-9](?![A-Za-z}/])",
    "a Latin comma, semicolon or question mark": "(?<=[آ-ی۰-۹])[,;?]",
    "a straight or English quotation mark": '["“”]',
    "a space before a mark": r" [،؛؟.:»)](?!\w)",
    "a non-joiner beside a space": "\u200c[\\s.،؛:)]|[\\s(«]\u200c|\u200c\u200c",
    "a plural or prefix without a non-joiner": r"[آ-ی] (?:ها|های|هایی|هایش)\b|\b(?:می|نمی) [آ-ی]",
    "an English percent sign": "%",
    "a percentage in words": r"(?:[۰-۹}] ?|^ )درصد",
    "a percent sign away from its number": "(?<![۰-۹}])٪(?!$)",
    "two spaces": "(?<=[آ-ی])  +(?=[آ-ی])",
}


def words_to_avoid():
    rows = (ROOT / "docs/persian.md").read_text(encoding="utf-8").splitlines()
    cells = [row.split("|")[1:4] for row in rows if row.startswith("| ") and "| not |" not in row]
    return {word.strip(): english.strip() for english, _, bad in cells for word in bad.split("،") if word.strip()}


AVOIDED = words_to_avoid()


def strings(data):
    """All texts in a YAML document."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from strings(value)


def pairs(data):
    """All pairs of English and Persian in a YAML document."""
    if isinstance(data, dict):
        if {"en", "fa"} <= data.keys():
            yield str(data["en"]), str(data["fa"])
        for value in data.values():
            yield from pairs(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from pairs(value)


def texts(path):
    """The Persian of a file, line by line: of code without the English that stands on the same line."""
    if path.suffix == ".yaml":
        found = strings(read_yaml(path).data)
    elif path.suffix == ".j2":
        found = re.sub(".*fa: |{#.*?#}|[}]+$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).splitlines()
        found = [line.strip() for line in found if not line.lstrip().startswith("#")]
    elif path.suffix == ".md":
        found = [prose(path.read_text(encoding="utf-8"))]
    else:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found = (
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
    for text in found:
        for line in text.splitlines():
            line = line.strip() if path.suffix == ".md" else line
            persian = line.rpartition(" | ")[2] if " | " in line and not line.startswith("|") else line
            if PERSIAN.search(persian):
                yield persian


def prose(page):
    """A page without its code, comments, numbers of lists and names of files."""
    for pattern in (r"```.*?```", r"<!--.*?-->", r"`[^`]*`", r"\]\([^)]*\)", r"^\d+\.", r"\bA4\b", r"^[ |-]+$"):
        page = re.sub(pattern, "", page, flags=re.DOTALL | re.MULTILINE)
    return re.sub(" +", " ", page.replace("|", "\n").replace("[", "").replace("**", ""))


def latin(text):
    """Latin words in a Persian text that are not allowed there; none of a text that is mostly not Persian."""
    text = re.sub(NO_WORD, "", text)
    if len(re.findall("[A-Za-z]", text)) > len(re.findall("[آ-ی]", text)):
        return []
    return [word for word in re.findall(r"[A-Za-z][\w-]*", text) if word not in LATIN]


def faults(text):
    """What is wrong with a Persian text; nothing of an alphabet or a table of letters."""
    found = [name for name, pattern in FAULTS.items() if re.search(pattern, text)]
    found += [f"{word}: not Persian" for word in latin(text)]
    return found + [f"{word} ({AVOIDED[word]})" for word in AVOIDED if re.search(rf"(?<![\w\u200c]){word}(?!\w)", text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_persian_is_written_by_the_rules(path):
    wrong = {text: found for text in texts(path) if (found := faults(text))}
    assert not wrong


@pytest.mark.parametrize("path", FORMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_languages_have_the_same_placeholders(path):
    for english, persian in pairs(read_yaml(path).data):
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", persian)), persian


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("شوراي محله", "an Arabic letter or digit"),
        ("هفته 104", "a Latin digit"),
        ("محله, شورا", "a Latin comma, semicolon or question mark"),
        ('"محله"', "a straight or English quotation mark"),
        ("محله ، شورا", "a space before a mark"),
        ("محله ها", "a plural or prefix without a non-joiner"),
        ("بازه ۹۵ %", "an English percent sign"),
        ("سطح ۹۵ درصدی", "a percentage in words"),
        ("{share} درصد ساکنان", "a percentage in words"),
        ("بازه ۹۵ ٪ است", "a percent sign away from its number"),
        ("تفاوت برنامه با شهر در status_quo", "status_quo: not Persian"),
        ("بیشترین {half} نقطه half", "half: not Persian"),
        ("این فرمان", "فرمان (command)"),
        ("تفاوت با پایه", "با پایه (baseline (of a comparison))"),
        ("پول شورا", "پول (money, funds)"),
        ("سهم نوجوانان", "نوجوانان (youths (born 1380 or later))"),
    ],
)
def test_what_is_wrong_is_found(text, fault):
    assert faults(text) == [fault]


def test_texts_are_found():
    assert sum(1 for path in FILES for _ in texts(path)) > 600


def test_english_messages_that_persian_explains_are_those_that_are_printed(capsys, tmp_path, monkeypatch):
    """Their table in the Persian tutorial; those that need runs or a shell are looked for in the source."""
    monkeypatch.chdir(tmp_path)
    for words in (["compare", "status_quo", "tokenismm"], ["brief", "no"], ["run", "rafsanjan", "--scale", "3"],
                  ["compare", "--weekss", "3"]):  # fmt: skip
        with contextlib.suppress(SystemExit):
            main(words)
    printed = capsys.readouterr().err
    printed += "".join(
        (ROOT / "experiments" / name).read_text("utf-8") for name in ("interruption.py", "study/store.py")
    )
    printed = printed.replace("{self.kind.asked}", "experiment")
    page = (ROOT / "docs/fa/policymaker.md").read_text("utf-8")
    rows = re.findall(
        r"^\| (`[A-Za-z].*?) \|", page.partition("| پیام | معنا |")[2].partition("\n## ")[0], re.MULTILINE
    )
    messages = [part.strip() for row in rows for code in re.findall("`(.*?)`", row) for part in code.split("…")]
    unknown = [message for message in messages if message not in printed]
    assert len(rows) == 8
    assert unknown == ["command not found"], "which is of the shell"


def commands_in(page):
    """Commands of the program in the blocks of a page."""
    return re.findall(r"^mahalle .*", page, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "docs/fa/policymaker.md"])
def test_the_persian_door_opens_with_the_commands_of_the_installation(page):
    """Whoever reads Persian only gets the two lines of docs/start.md after getting the source."""
    english = (ROOT / "docs/start.md").read_text("utf-8")
    lines = "make run\nsource .venv/bin/activate\n"
    text = (ROOT / page).read_text("utf-8")
    assert f"```sh\n{lines}```" in english
    assert f"\ngit clone ADDRESS mahalle && cd mahalle\n{lines}```" in text[PERSIAN.search(text).start() :]


def test_the_tutorials_are_a_pair():
    """The Persian tutorial has the commands of the English one, with --lang fa."""
    english, persian = (
        (ROOT / "docs" / name).read_text("utf-8") for name in ("tutorials/policymaker.md", "fa/policymaker.md")
    )
    assert commands_in(english) == [re.sub(" --lang fa", "", line) for line in commands_in(persian)]
