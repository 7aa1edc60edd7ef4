"""The example in docs/contrasts.md: selection on need misleads a comparison of neighbourhoods, pairing does not."""

import importlib.util


def test_selection_on_need_misleads_the_naive_comparison_alone(pytestconfig, monkeypatch, capsys):
    root = pytestconfig.rootpath
    monkeypatch.chdir(root)
    spec = importlib.util.spec_from_file_location("naive", root / "docs/examples/naive_comparison.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    found = example.main(replications=4, scale=0.02)
    naive, paired = found["service_level"]["naive"], found["service_level"]["paired"]
    assert naive[2] < 0.0  # its whole interval: councils seem to harm services
    assert abs(paired[0]) < 0.2 * abs(naive[0])
    assert "service_level" in capsys.readouterr().out
