"""Copies of the notebooks for Colab and Kaggle."""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from helpers import lessons
from lessons import build, colab, learner

import nbformat
import pytest
from support import ROOT


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository that holds what lessons/colab.py copies, with two notebooks."""
    for name in ("helpers", "lessons"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.gif"))
    (tmp_path / "notebooks").mkdir()
    two = lessons.names()[:2]
    notebooks = [f"notebooks/{name}.ipynb" for name in two]
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-CC-BY-4.0", *notebooks):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "names", lambda: two)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in ("init --quiet", "add .", "commit --quiet -m all"):
        subprocess.run([*git, *command.split()], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.slow
def test_the_first_cell_of_a_copy_installs_the_helpers_of_its_commit_on_kaggle_alone(repository):
    colab.main([repository.as_uri()])
    for path in (repository / "notebooks").iterdir():
        set_up, *rest = nbformat.read(repository / "dist/colab" / path.name, 4).cells
        assert rest == learner.own(nbformat.read(path, 4)).cells
    (repository / "helpers" / "words.py").write_text("later")
    target, kaggle = repository / "target", {"KAGGLE_KERNEL_RUN_TYPE": "Batch"}

    def run(code, **env):
        # Built from what is installed here, and put where nobody else sees it.
        env |= {"PIP_TARGET": str(target), "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}
        return subprocess.run(
            [sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True
        )

    assert run(set_up.source).returncode == 0
    assert not target.exists()
    done = run(set_up.source, **kaggle)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    paths = [path for name in ("helpers", "lessons") for path in (ROOT / name).rglob("*.*")]
    names = [str(path.relative_to(ROOT)) for path in paths if path.suffix not in (".pyc", ".gif")]
    assert filecmp.cmpfiles(ROOT, target, names, shallow=False) == (names, [], [])
    lost = run(set_up.source.replace("file://", "file:///none"), **kaggle).stderr
    assert lost == "The helpers are missing: let this notebook use the internet, and run this again.\n"
    with pytest.raises(SystemExit, match=r"^Copies need a commit .*-dirty': commit first\.$"):
        colab.main([repository.as_uri()])


def test_on_colab_the_first_cell_turns_the_widget_manager_on(monkeypatch):
    done = []
    output = SimpleNamespace(enable_custom_widget_manager=lambda: done.append("on"))
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(output=output))
    monkeypatch.setattr(subprocess, "run", lambda pip, **_: SimpleNamespace(returncode=done.append(pip)))
    exec(colab.SET_UP.format(address="https://host/owner/course", version="abc"))
    pip, on = done
    assert "--force-reinstall" in pip  # a session may have the helpers of another version
    assert (pip[-1], on) == ("git+https://host/owner/course@abc", "on")


def test_badges_open_the_copies_and_a_missing_address_is_asked_for():
    one = colab.badges("https://github.com/owner/course.git", Path("dist/colab/01.ipynb"))
    for opens in ("research.google.com/github/", "welcome?src=https://github.com/"):
        assert f"{opens}owner/course/blob/main/dist/colab/01.ipynb)" in one
    assert colab.badges("https://host/owner/course", Path("a.ipynb")) == "a.ipynb"
    for given in ([], ["owner/course"]):
        with pytest.raises(SystemExit, match=r"^Expected an address, but got .*: make colab ADD"):
            colab.main(given)
