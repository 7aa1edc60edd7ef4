"""What a figure asks for and its study has not is refused before any run, with file, line, key and what there is."""

import pytest

from experiments.cli import main
from experiments.faults import faults_of
from experiments.paper.figure import figures_in, load_figure
from experiments.paper.registry import drawings
from experiments.paper.sources import SOURCES
from sim.errors import ConfigError
from tests.paper.conftest import LATE_ARM, LATE_BASE, LATE_LEVER, ROOT

BASE, ARM, LEVER = LATE_BASE, LATE_ARM, LATE_LEVER


@pytest.fixture
def written(of_late_pay):
    """Write a figure of a study of late pay; returns its file."""
    return of_late_pay


def line_of(path, text):
    (line,) = [number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if text in line]
    return line


KEPT = [
    "trust_in_municipality", "spending_need_match:last", "hope", "hope:every(13)",
    "participation_rate[standing=without_standing]:mean(5-52)",
    "participation_rate[sex=woman, cohort=youth]:mean(5-52)", "service_level[neighbourhood=9]",
]  # fmt: skip


@pytest.mark.parametrize("label", KEPT)
def test_what_is_kept_may_be_asked_for(label, written):
    path = written(base=BASE, outcomes=[label], arms=[ARM])
    assert faults_of(path) == ("figure", [])


@pytest.mark.parametrize(
    ("label", "nearest"),
    [
        ("trust_in_municipality:last", "trust_in_municipality; "),
        ("participation_rate:mean(5-52)", "participation_rate[standing="),
        ("participation_rate[standing=without_standing]:mean(105-156)", "participation_rate[standing=without_stand"),
        ("service_level[neighbourhood=999]", "service_level[neighbourhood=*]"),
        ("hop", "hope:every(13); "),
    ],
)
def test_an_outcome_that_is_not_kept_is_refused_with_the_nearest_that_is(label, nearest, written):
    path = written(base=BASE, outcomes=["hope", label], arms=[ARM])
    _, (fault,) = faults_of(path)
    place = f"{path}:{line_of(path, f'"{label}"')}: options.outcomes[1]: "
    assert str(fault).startswith(f'{place}"{label}" is not kept by the experiment; it keeps {nearest}')
    assert "…" not in fault.problem


def test_an_outcome_of_another_week_is_refused(written):
    options = {"base": BASE, "outcomes": ["hope"], "arms": [ARM]}
    assert faults_of(written(week=26, **options))[1] == []
    _, (fault,) = faults_of(written(week=27, **options))
    assert '"hope" is not kept at week 27' in str(fault)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"policy": "konsil"}, 'no policy is called konsil; did you mean "council"?'),
        ({"policy": "council", "payment_reliability": 0.5}, f'not vary payment_reliability; did you mean "{LEVER}"?'),
        ({"policy": "council", LEVER: 0.2}, f"{LEVER} is never 0.2 there; allowed here: 0.25; 0.5"),
        ({"policy": "council"}, f"fits several policies of the sweep: council {LEVER}=0.25; council {LEVER}=0.5"),
        ("council", f"fits several policies of the sweep: council {LEVER}=0.25; council {LEVER}=0.5"),
        ({"policy": "council", "policy.hub.kinds": []}, f"it does not vary policy.hub.kinds; allowed here: {LEVER}"),
        ("kitchen", f"allowed here: status_quo {LEVER}=0.25; status_quo {LEVER}=0.5 and 2 more"),
    ],
)
def test_an_arm_that_the_sweep_has_not_is_refused_with_what_is_wrong_with_it(asked, problem, written):
    path = written(base=asked, outcomes=["hope"], arms=[ARM, ARM | {"at": asked, "en": "wrong"}])
    _, faults = faults_of(path)
    first, second = map(str, faults)
    assert first.startswith(f"{path}:{line_of(path, '"base"')}: options.base: ")
    assert f"{path}:" in second
    assert "options.arms[1].at: " in second
    for said in (first, second):
        assert problem in said
        assert "…" not in said


def test_the_base_is_no_arm_of_differences(written):
    _, (fault,) = faults_of(written(base=BASE, outcomes=["hope"], arms=[ARM, ARM | {"at": BASE}]))
    assert "options.arms[1].at: is the base itself" in str(fault)


@pytest.mark.parametrize(
    ("drawing", "options", "problem"),
    [
        ("trajectories", {"outcomes": ["spending_need_match:last"]}, "is not kept every so many weeks"),
        ("rollout", {"outcomes": ["service_level"], "week": 25}, '"service_level" is not kept for each'),
        ("rollout", {"outcomes": ["hope"], "week": 26}, '"hope" is not kept for each neighbourhood at week 26'),
    ],
)
def test_each_drawing_says_what_it_needs(drawing, options, problem, written):
    asked = {"base": "status_quo", "arms": [ARM]} | options
    asked["base"] = f"status_quo {LEVER}=0.5"
    _, faults = faults_of(written(drawing, **asked))
    assert faults
    assert problem in str(faults[0])


def test_maps_need_neighbourhoods_and_groups(written):
    arms = {"base": f"status_quo {LEVER}=0.5", "policy": f"council {LEVER}=0.5"}
    sound = {"places": ["service_level"], "groups": ["participation_rate:mean(5-52)"]}
    assert faults_of(written("change_map", **arms, **sound))[1] == []
    _, faults = faults_of(written("change_map", **arms, places=["hope"], groups=["service_level"]))
    assert [fault.key for fault in faults] == ["options.places[0]", "options.groups[0]"]
    assert "for each neighbourhood by the experiment; it keeps council; service_level" in str(faults[0])
    assert "for groups of residents by the experiment; it keeps participation_rate:mean(5-52)" in str(faults[1])


def test_the_quick_form_is_checked_too(written):
    path = written(base=BASE, outcomes=["hope"], arms=[ARM], quick={"outcomes": ["trust_in_municipality"]})
    load_figure(path)
    _, (fault,) = faults_of(path)
    assert '"hope" is not kept by the experiment; it keeps trust_in_municipality' in str(fault)


@pytest.mark.parametrize(
    ("name", "changes", "key"),
    [
        ("mechanisms", {"outcomes": ["hop"]}, "options.outcomes[0]"),
        ("what_matters", {"policy": "status_quo"}, "options.policy"),
        ("what_matters", {"outcomes": ["hope"]}, "options.outcomes[0]"),
        ("what_matters", {"base": "status"}, "data.set.base"),
    ],
)
def test_shipped_figures_that_ask_for_something_else_are_refused(name, changes, key, tmp_path):
    from experiments.resolved import plain_yaml
    from sim.yaml_text import read_yaml

    content = read_yaml(ROOT / f"configs/figures/{name}.yaml").data
    for own, value in changes.items():
        (content["data"]["set"] if own == "base" else content["options"])[own] = value
    path = tmp_path / f"{name}.yaml"
    path.write_text(plain_yaml(content), encoding="utf-8")
    _, faults = faults_of(path)
    assert [fault.key for fault in faults] == [key]


def test_figures_and_reproduce_refuse_before_any_run(written, tmp_path, monkeypatch, capsys):
    path = written(base=BASE, outcomes=["trust_in_municipality:last"], arms=[ARM])
    monkeypatch.setattr("experiments.paper.command.build", lambda *_: pytest.fail("runs were begun"))
    for command in ("figures", "reproduce"):
        assert main([command, "--figures", str(path.parent), "--out", str(tmp_path / "out")]) == 2
        said = capsys.readouterr().err
        assert f"{path}:{line_of(path, ':last"')}: options.outcomes[0]: " in said
    assert main(["check", str(path)]) == 2


def test_a_table_without_a_column_that_is_drawn_is_refused(tmp_path):
    (tmp_path / "times.csv").write_text("model,residents\nengine,1\n", encoding="utf-8")
    path = tmp_path / "cost.yaml"
    text = (ROOT / "configs/figures/cost.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("cost.csv", "times.csv"), encoding="utf-8")
    with pytest.raises(ConfigError, match="the table has no column ms_per_week, peak_mb"):
        figures_in(tmp_path)


def test_every_drawing_says_what_would_be_wrong():
    for drawing in drawings().values():
        assert callable(drawing.kind.wrong), drawing.name
        assert drawing.source in SOURCES
