"""What a fresh clone needs to set itself up, and the direction of the imports."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML
from setuptools import find_packages
from versioningit import get_version

from tools.documents import metadata

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PROJECT["tool"]["versioningit"]["default-version"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

SUPPORTED_PYTHONS = ("3.12", "3.13")
FORBIDDEN_IN_SIM = {"experiments", "matplotlib"}


def locked_versions(python: str) -> dict[str, Version]:
    """Name and version of everything the lock installs under one Python on Linux."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    versions: dict[str, Version] = {}
    for line in re.findall(r"^[a-z0-9].*$", LOCK, flags=re.MULTILINE):
        requirement = Requirement(line.removesuffix("\\"))
        if requirement.marker is None or Marker(str(requirement.marker)).evaluate(environment):
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            versions[canonicalize_name(requirement.name)] = Version(specifier.version)
    return versions


def declared_requirements() -> list[str]:
    extras = PROJECT["project"]["optional-dependencies"]
    return [
        *PROJECT["build-system"]["requires"],
        *PROJECT["project"]["dependencies"],
        *extras["test"],
        *extras["lint"],
        *extras["docs"],
    ]


@pytest.mark.parametrize("python", SUPPORTED_PYTHONS)
@pytest.mark.parametrize("declared", declared_requirements())
def test_the_lock_holds_an_allowed_version_of_every_dependency(declared: str, python: str) -> None:
    requirement = Requirement(declared)
    version = locked_versions(python).get(canonicalize_name(requirement.name))
    assert version is not None, f"{requirement.name} is not in requirements.lock"
    assert version in requirement.specifier


def test_the_lock_holds_no_address_and_no_option_but_digests() -> None:
    pinned = r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [a-z_]+ [^:/@-]+)?"
    digest = r"--hash=sha256:[0-9a-f]{64}"
    content = [line.removesuffix("\\").strip() for line in LOCK.splitlines() if not line.startswith("#")]
    for line in content:
        assert re.fullmatch(f"{pinned}|{digest}", line), line
    assert "://" not in LOCK


def modules_imported(path: Path) -> set[str]:
    """Absolute names of all modules a file imports, wherever in the file, by statement or by a literal name."""
    package = path.relative_to(ROOT).parent.parts
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            found.update([module] if module else [alias.name for alias in node.names])
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                found.add(node.args[0].value)
    return found


def test_the_model_imports_neither_experiments_nor_plots() -> None:
    files = sorted((ROOT / "sim").rglob("*.py"))
    assert files
    offending = {
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files
        for module in modules_imported(path)
        if module.split(".")[0] in FORBIDDEN_IN_SIM
    }
    assert not offending


def test_only_the_two_packages_are_distributed() -> None:
    assert PROJECT["tool"]["setuptools"]["packages"]["find"]["include"] == [
        "sim",
        "sim.*",
        "experiments",
        "experiments.*",
    ]
    assert PROJECT["project"]["scripts"] == {"mahalle": "experiments.cli:main"}


def test_the_oracle_of_the_tests_is_not_a_dependency_of_the_program() -> None:
    core = {canonicalize_name(Requirement(item).name) for item in PROJECT["project"]["dependencies"]}
    assert not core & {"pabutools", "pulp", "gurobipy"}
    for package in ("sim", "experiments"):
        for path in (ROOT / package).rglob("*.py"):
            assert not {module.split(".")[0] for module in modules_imported(path)} & {"pabutools", "pulp", "gurobipy"}


def test_the_makefile_knows_every_command_of_the_readme() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {"run", "test"} <= targets
    readme = ROOT / "README.md"
    if readme.exists():
        command = r"(?:^\s*|`)make ([a-z]+)\b(?=\s*(?:`|#|$))"
        named = set(re.findall(command, readme.read_text(encoding="utf-8"), flags=re.MULTILINE))
        assert {"run", "test"} <= named <= targets


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert re.search(r"^make test\b", script.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_licence_and_citation_agree_with_the_project() -> None:
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == VERSION
    assert citation["license"] == PROJECT["project"]["license"] == "MIT"


def test_the_wheel_holds_the_product_and_no_tools():
    found = set(find_packages(str(ROOT), include=PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]))
    assert {"sim.rules", "experiments.sweeps"} <= found
    assert {name.partition(".")[0] for name in found} == {"sim", "experiments"}
    assert (ROOT / "tools" / "documents" / "__init__.py").is_file()
    assert PROJECT["tool"]["setuptools"]["package-data"] == {
        "*": ["py.typed"],
        "experiments.figures": ["fonts/*"],
        "experiments.page": ["*.yaml", "static/*", "store/*"],
        "experiments.brief": ["*.j2"],
        "experiments.new_study": ["templates/*"],
    }
    assert all((ROOT / name / "py.typed").is_file() for name in ("sim", "experiments"))


# ---------------------------------------------------------------- what the project says of itself


def test_all_files_name_one_version():
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    described = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    assert cited["version"] == described["version"] == VERSION
    heads = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert heads[0] == VERSION


def test_a_tag_on_this_commit_names_this_version():
    words = ["git", "-C", str(ROOT), "tag", "--points-at", "HEAD"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    tags = [tag for tag in done.stdout.split() if re.fullmatch(r"v\d[\w.]*", tag)] if done.returncode == 0 else []
    assert set(tags) <= {f"v{VERSION}"}


def test_the_version_is_that_of_the_last_tag_and_without_one_that_of_the_files(tmp_path):
    def git(*words):
        names = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *names, *words], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    assert get_version(tmp_path) == VERSION  # an unpacked archive
    git("init", "--quiet")
    git("add", "pyproject.toml")
    git("commit", "--quiet", "--message", "one")
    assert get_version(tmp_path) == VERSION
    git("tag", "data-2")
    git("tag", "v9.8.7")
    assert get_version(tmp_path) == "9.8.7"
    git("commit", "--quiet", "--allow-empty", "--message", "two")
    assert get_version(tmp_path) == "9.8.7"  # results of later commits are told apart by the model's digest
    (tmp_path / "pyproject.toml").write_text((tmp_path / "pyproject.toml").read_text() + "# changed\n")
    assert get_version(tmp_path) == "9.8.7"


def test_codemeta_says_what_its_context_knows():
    described = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    assert described["@context"] == "https://w3id.org/codemeta/3.0"
    assert described["softwareRequirements"] == PROJECT["project"]["dependencies"]
    known = {"name", "description", "version", "license", "programmingLanguage", "author", "keywords", "identifier"}
    known |= {"runtimePlatform", "softwareRequirements", "developmentStatus", "@context", "@type"}
    assert set(described) == known


def test_files_that_disagree_are_reported(tmp_path):
    for name in ("pyproject.toml", "CITATION.cff"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    assert metadata.text(tmp_path).problems == ()
    text = (tmp_path / "CITATION.cff").read_text(encoding="utf-8")
    (tmp_path / "CITATION.cff").write_text(text.replace("version: 0", "version: 9"), encoding="utf-8")
    assert [line.split(" ")[0] for line in metadata.text(tmp_path).problems] == ["version"]


def test_an_extra_is_named_in_one_way_that_is_true_for_a_wheel_and_a_clone():
    """`.[NAME]` means the source's folder, which a user of a wheel does not have; pip knows an installed `mahalle`."""
    extras = set(PROJECT["project"]["optional-dependencies"])
    places = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.py")]
    places += [file for part in ("experiments", "tools", "sim") for file in (ROOT / part).rglob("*") if file.is_file()]
    named = [
        (file.name, package, extra)
        for file in places
        if file.suffix in (".md", ".py", ".j2", ".yaml")
        for package, extra in re.findall(r"([^\s'\"`]*)\[(\w+)\]'", file.read_text(encoding="utf-8"))
        if extra in extras
    ]
    assert len(named) > 10
    assert [one for one in named if one[1] != "mahalle"] == []
