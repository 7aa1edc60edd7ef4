"""The server of the page: its answers are those of `mahalle compare`, and what it refuses."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote

import numpy as np
import pytest
from starlette.testclient import TestClient

from experiments.contrasts.comparison import compare
from experiments.page.app import application
from experiments.page.guard import MOST_BYTES
from experiments.page.live import Live
from experiments.page.pool import Pool
from experiments.page.question import question_of
from tests.page.conftest import PAIRS, SMALL

SCHOOL = {"title": {"en": "A school", "fa": "مدرسه"}, "set": {"hub.kinds": ["school"]}}
ALONE = {"title": {"en": "Alone", "fa": "به‌تنهایی"}, "set": {"authority.mode": "top_down"}}
QUESTION = {"base": ALONE, "policies": [SCHOOL]}


def events_of(client, question):
    found = []
    with client.stream("GET", f"/api/live?q={quote(json.dumps(question))}") as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found


@pytest.fixture(scope="module")
def answers(client):
    return events_of(client, QUESTION)


# ---------------------------------------------------------------- live answers


def test_a_live_answer_grows_and_ends(answers):
    told = [data for kind, data in answers if kind == "answer"]
    assert [kind for kind, _ in answers][-1] == "done"
    pairs = [answer["pairs"] for answer in told]
    assert pairs == sorted(pairs)
    assert pairs[-1] == PAIRS
    assert told[-1]["source_text"]["en"] == f"live: {PAIRS} of {PAIRS} pairs of runs"
    early = [answer for answer in told if answer["pairs"] < 3]
    for answer in early:
        for curve in answer["policies"][0]["curves"]:
            ends = dict(zip(curve["weeks"], curve["low"], strict=True))
            assert ends.get(SMALL["run.weeks"]) is None  # a week that three pairs have passed may have its band


def test_its_numbers_are_those_of_compare_to_the_digit(client, answers, tmp_path):
    files = {}
    for name, policy in (("base", ALONE), ("school", SCHOOL)):
        text = client.post("/api/yaml", content=json.dumps(policy)).text
        files[name] = tmp_path / f"{name}.yaml"
        files[name].write_text(text, encoding="utf-8")
    found = compare(
        files["base"], [files["school"]], out=tmp_path / "out", scale=SMALL["run.scale"], weeks=SMALL["run.weeks"],
        replications=PAIRS, stop_when_settled=False,
    )  # fmt: skip
    rows = found.contrasts
    rows = rows[(rows.group == "") & (rows.week == SMALL["run.weeks"])].set_index("outcome")
    last = answers[-2][1] if answers[-2][0] == "answer" else next(d for k, d in reversed(answers) if k == "answer")
    findings = {one["outcome"]: one for one in last["policies"][0]["findings"]}
    assert len(set(findings) & set(rows.index)) >= 12
    for outcome in set(findings) & set(rows.index):
        for name in ("difference", "low", "high"):
            expected = float(f"{rows.loc[outcome, name]:.7g}")
            assert findings[outcome][name] == expected or np.isnan(expected), (outcome, name)
    groups = {(one["outcome"], one["group"]): one["difference"] for one in last["policies"][0]["groups"]}
    of_groups = found.contrasts[(found.contrasts.group != "") & (found.contrasts.week == SMALL["run.weeks"])]
    shared = [row for row in of_groups.to_dict("records") if (row["outcome"], row["group"]) in groups]
    assert len(shared) > 40
    for row in shared:
        assert groups[row["outcome"], row["group"]] == pytest.approx(row["difference"], rel=1e-6, abs=1e-12)


def test_runs_are_shared_between_sessions_and_superseded_ones_stop(small_city):
    async def ask():
        pool = Pool(1)
        await pool.start()
        try:
            first = Live(pool, question_of(QUESTION, small_city, 40), {})
            second = Live(pool, question_of({"base": ALONE, "policies": [{}]}, small_city, 40), {})
            assert pool.runs_kept == 3 * 40  # the baseline's once
            waiting = first.events()
            await anext(waiting)
            first.close()
            second.close()
            await asyncio.sleep(1.0)  # a slice may be under way
            kept = pool.runs_kept
            await asyncio.sleep(1.0)
            assert pool.runs_kept == kept < 3 * 40  # nothing goes on, and what is not finished is forgotten
            assert all(run.done and run.task is None for run in pool._runs.values())
        finally:
            await pool.stop()

    asyncio.run(ask())


def test_a_worker_that_dies_loses_nothing(small_city):
    question = question_of(QUESTION, small_city, 3)

    async def ask(kill):
        pool = Pool(1)
        await pool.start()
        try:
            live = Live(pool, question, {})
            async for kind, _data in live.events():
                if kill and kind in ("answer", "progress"):
                    for process in pool._workers[0]._pool._processes.values():
                        process.kill()
                    kill = False
                assert kind != "fault"
            return live.answer()
        finally:
            await pool.stop()

    assert asyncio.run(ask(kill=True)) == asyncio.run(ask(kill=False))


def test_an_answer_has_all_its_sentences(answers):
    whole = json.dumps(answers[-2][1], ensure_ascii=False)
    for word in ("{", "}"):
        assert not any(word in text for text in _texts(answers[-2][1]))
    assert "nan" not in whole.lower().replace("governance", "")


def _texts(value):
    if isinstance(value, dict):
        if set(value) == {"en", "fa"} and isinstance(value["en"], str):
            yield from value.values()
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)


# ---------------------------------------------------------------- files


def test_a_file_that_is_wrong_is_named_by_its_line(client):
    text = "title: {en: X}\nset:\n  hub: {kinds: [school]}\n  funding.level: 7\n"
    answer = client.post("/api/policy", content=text)
    assert answer.status_code == 422
    assert answer.json()["fault"]["en"] == "the file:4: set.funding.level: must lie between 0 and 1, not 7"


@pytest.mark.parametrize("text", ["", "- 1", "a: &x [*x]", "\x00", "set: !!python/object:os.system {}", "{" * 9000])
def test_a_file_that_is_no_policy_is_refused(client, text):
    answer = client.post("/api/policy", content=text.encode())
    assert answer.status_code == 422
    assert len(answer.json()["fault"]["en"]) < 400


def test_numbers_go_out_as_a_table(client, answers):
    text = client.post(f"/api/table?q={quote(json.dumps(QUESTION))}").text
    lines = text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("policy,table,outcome,group,week,baseline,with_policy,difference")
    kinds = {line.split(",")[1] for line in lines[1:]}
    assert kinds == {"city", "group", "curve", "neighbourhood"}
    row = next(line.split(",") for line in lines if line.startswith("A school,city,trust_in_municipality,"))
    finding = next(
        one for one in answers[-2][1]["policies"][0]["findings"] if one["outcome"] == "trust_in_municipality"
    )
    assert float(row[7]) == finding["difference"]


def test_a_title_that_is_a_formula_is_none_in_the_table(client):
    question = {"base": ALONE, "policies": [{**SCHOOL, "title": {"en": "=1+1", "fa": "ب"}}]}
    lines = client.post(f"/api/table?q={quote(json.dumps(question))}").text.splitlines()
    assert lines[1].startswith("'=1+1,")


# ---------------------------------------------------------------- watching


def test_a_city_is_watched_week_by_week(client):
    begun = client.post("/api/watch", json={"policy": SCHOOL}).json()
    assert begun["frame"]["week"] == 0
    where = f"/api/watch/{begun['id']}"
    frame = client.post(f"{where}/step", json={"weeks": 13}).json()
    assert frame["week"] == 13
    assert not frame["done"]
    assert len(frame["places"]["trust_in_municipality"]) == 50
    assert client.post(f"{where}/step", json={"weeks": 52}).json()["done"]
    network = client.get(f"{where}/neighbourhood/4").json()
    assert network["nodes"]
    assert all(first < second for first, second, _ in network["ties"])
    for kind in ("resident", "council", "imam", "municipality"):
        told = client.get(f"{where}/agent/{kind}/1").json()
        assert told["title"]["en"]
        assert all(fact["shown"]["fa"] for fact in told["facts"])


def test_a_watched_city_that_a_worker_lost_is_the_same_city(client, page):
    begun = client.post("/api/watch", json={"policy": SCHOOL}).json()
    where = f"/api/watch/{begun['id']}"
    client.post(f"{where}/step", json={"weeks": 20})
    before = client.get(f"{where}/neighbourhood/4").json()
    for process in page.pool._workers[0]._pool._processes.values():
        process.kill()
    assert client.get(f"{where}/neighbourhood/4").json() == before


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/watch/nothing/step", {"weeks": 1}, 404),
        ("/api/watch", {"policy": {"set": {"x": 1}}}, 422),
        ("/api/watch", {"policy": {}, "replication": -1}, 422),
        ("/api/watch", 7, 422),
        ("/api/stored", [1, 2], 422),
        ("/api/yaml", [1], 422),
        ("/api/yaml", "x", 422),
        ("/api/watch", {"policy": "x"}, 422),
        ("/api/stored", {"base": {}, "policies": [{}] * 9}, 422),
    ],
)
def test_what_is_wrong_has_a_sentence_in_both_languages(client, path, body, status):
    answer = client.post(path, json=body)
    assert answer.status_code == status
    assert set(answer.json()["fault"]) == {"en", "fa"}


# ---------------------------------------------------------------- safe


def test_what_is_no_text_is_refused(client):
    for path in ("/api/stored", "/api/yaml", "/api/watch"):
        assert client.post(path, content=b"\xff\xfe{").status_code == 422


def test_nothing_is_run_for_a_table_that_nobody_asked_for(client, page):
    before = page.pool.runs_kept
    question = {"base": ALONE, "policies": [{"set": {"authority.delegated_share": 0.123}}]}
    assert client.post(f"/api/table?q={quote(json.dumps(question))}").status_code == 422
    assert page.pool.runs_kept == before


def test_a_run_that_failed_is_tried_again(small_city):
    async def ask():
        pool = Pool(1)
        run = pool.wanted("key", 0, 40, lambda: None, print)
        run.fault = "no memory"
        assert pool.wanted("key", 0, 40, lambda: None, print) is not run

    asyncio.run(ask())


def test_no_other_host_and_no_other_origin_is_served(client):
    assert client.get("/api/meta", headers={"host": "evil.example"}).status_code == 400
    assert client.post("/api/stored", json=QUESTION, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/api/stored", json=QUESTION, headers={"origin": "http://testserver"}).status_code == 200
    assert client.post("/api/stored", json=QUESTION, headers={"origin": "http://testserver:3000"}).status_code == 403
    assert client.get("/api/meta", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_large_requests_are_refused(client):
    assert client.post("/api/policy", content=b"a" * (MOST_BYTES + 1)).status_code == 413
    assert client.post("/api/policy", content=b"a: b # " + b"a" * 70_000).status_code == 422


def test_every_response_forbids_other_addresses(client):
    for path in ("/api/meta", "/nothing"):
        policy = client.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe-eval" not in policy
        assert "script-src" not in policy


def test_no_path_reaches_the_file_system(client):
    for path in ("/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/static/../../app.py", "//etc/passwd"):
        answer = client.get(path)
        assert answer.status_code in (400, 404), path


def test_another_address_needs_the_token(page):
    guarded = TestClient(application(page, hosts=("testserver",), token="secret"))  # without its lifespan: no workers
    assert guarded.get("/api/meta").status_code == 403
    assert guarded.get("/api/meta?token=wrong").status_code == 403
    assert guarded.get("/api/meta?token=secret").status_code == 200
    assert guarded.get("/api/meta").status_code == 200  # by the cookie
    cookie = guarded.cookies.jar
    assert all(one.has_nonstandard_attr("HttpOnly") for one in cookie)
