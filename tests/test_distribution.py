"""What describes the distribution to others agrees with `pyproject.toml`, and workflows have the fewest rights they need."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

import drc

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

pytestmark = pytest.mark.skipif(not WORKFLOWS, reason="a source archive has no workflows")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_one_version_everywhere():
    written = re.search(r"^version: (.*)$", text("CITATION.cff"), re.MULTILINE)
    packaged = re.search(r'^  version: "(.*)"$', text(".ci/conda/recipe.yaml"), re.MULTILINE)
    assert {PROJECT["version"], drc.__version__, written[1], packaged[1]} == {PROJECT["version"]}


def test_those_who_cite_it_find_one_title_and_one_licence():
    archived, cited = json.loads(text(".zenodo.json")), text("CITATION.cff")
    assert archived["license"] == PROJECT["license"]
    assert archived["description"] == PROJECT["description"]
    assert f'title: "{archived["title"]}"' in cited
    assert f"license: {PROJECT['license']}" in cited
    assert [each["name"] for each in archived["creators"]] == [each["name"] for each in PROJECT["authors"]]


def test_the_conda_package_has_the_same_requirements():
    section = re.search(r"^  run:\n((?:    - .*\n)+)", text(".ci/conda/recipe.yaml"), re.MULTILINE)[1]
    packaged = [
        line.strip("- ").replace(" ", "").replace("matplotlib-base", "matplotlib") for line in section.splitlines()
    ]
    assert packaged == [f"python{PROJECT['requires-python']}", *PROJECT["dependencies"]]


def test_the_tests_run_on_every_python_that_is_announced():
    announced = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert json.loads(re.search(r"python: (\[.*\])", text(".github/workflows/tests.yml"))[1]) == announced
    assert PROJECT["requires-python"] == f">={announced[0]}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_reads_and_its_jobs_end(path):
    written = path.read_text(encoding="utf-8")
    assert "\npermissions:\n  contents: read\n\n" in written
    assert not re.search(r"secrets\.|(contents|packages): write|pull_request_target", written)
    assert written.count("runs-on:") == written.count("timeout-minutes:")
    assert written.count("actions/checkout") == written.count("persist-credentials: false")
    used = re.findall(r"uses: (\S+)", written)
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@(release/)?v\d+", action)] == []


def test_only_jobs_that_publish_may_identify_themselves():
    allowed = {path.stem: re.findall(r"(\w[\w-]*): write", path.read_text(encoding="utf-8")) for path in WORKFLOWS}
    assert allowed == {"docs": ["pages", "id-token"], "release": ["id-token"], "tests": []}
