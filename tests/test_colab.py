"""The course on Colab and Kaggle. The first test also runs in Colab's versions, which make no notebooks."""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

from lessons import learner

import pytest
from jupyter_client.manager import run_kernel

ROOT = Path(__file__).resolve().parent.parent
# The view takes its time, so that an answer from a thread would come too late.
MAKE_A_PANEL = """
import sys, time, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
from helpers.live.canvas import View
from helpers.live.controls import Slider
from helpers.live.panels import Panel
from helpers.pictures.marks import Curve, Frame

def view(height):
    time.sleep(0.3)
    return View(f"A line at {height}.", [[Curve("line", [0, 10], [height, height])]])

panel = Panel(view, [Frame("x", "answer", (0, 10), (0, 100))], height=Slider("height", 3, 0, 100))
print(panel.comm.comm_id)
"""


def heard(client, asked):
    """Return what a kernel says of a message until it is done with it: (kind, content) each."""
    said = []
    while ("status", {"execution_state": "idle"}) not in said:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") == asked:
            said.append((message["msg_type"], message["content"]))
    return said


@pytest.mark.slow
def test_on_colab_a_kernel_answers_a_move_before_it_is_done_with_it(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with run_kernel(kernel_name="python3") as client:
        said = heard(client, client.execute(MAKE_A_PANEL))
        (comm,) = (content["text"].strip() for kind, content in said if kind == "stream")
        for height in (50, 60):
            data = {"method": "update", "state": {"values": {"height": height}}, "buffer_paths": []}
            move = client.session.msg("comm_msg", {"comm_id": comm, "data": data})
            client.shell_channel.send(move)
            said = heard(client, move["header"]["msg_id"])
            news = [content["data"].get("state", {}) for kind, content in said if kind == "comm_msg"]
            assert f"A line at {height}." in [state.get("sentence") for state in news]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """lessons/colab.py, at work in a repository that holds what it copies."""
    from lessons import build, colab

    for name in ("helpers", "lessons", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-CC-BY-4.0"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in ("init --quiet", "add .", "commit --quiet -m all"):
        subprocess.run([*git, *command.split()], cwd=tmp_path, check=True)
    return SimpleNamespace(**vars(colab), root=tmp_path, read=lambda path: build.nbformat.read(path, 4))


def run_cell(cell, target, **env):
    # Built with what is installed here, without the network, and put where nobody else sees it.
    env |= {"PIP_TARGET": str(target), "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}
    return subprocess.run([sys.executable, "-c", cell], env=os.environ | env, capture_output=True, text=True)


@pytest.mark.slow
def test_a_copys_first_cell_brings_the_helpers_of_its_commit_on_kaggle_alone(course, tmp_path):
    course.main([course.root.as_uri()])
    copies, target = sorted(course.root.glob("dist/colab/*.ipynb")), tmp_path / "target"
    assert [path.name for path in copies] == sorted(p.name for p in (ROOT / "notebooks").glob("*.ipynb"))
    for path in copies:
        first, *rest = course.read(path).cells
        assert rest == learner.own(course.read(ROOT / "notebooks" / path.name)).cells
    (course.root / "helpers" / "words.py").write_text("later")
    assert run_cell(first.source, target).returncode == 0
    assert not target.exists()
    done = run_cell(first.source, target, KAGGLE_KERNEL_RUN_TYPE="Interactive")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    paths = [path for name in ("helpers", "lessons") for path in (ROOT / name).rglob("*.*")]
    names = [str(path.relative_to(ROOT)) for path in paths if "__pycache__" not in str(path)]
    names = [name for name in names if not name.endswith(".gif")]
    assert filecmp.cmpfiles(ROOT, target, names, shallow=False) == (names, [], [])
    lost = run_cell(first.source.replace("file://", "file:///none"), target, KAGGLE_KERNEL_RUN_TYPE="Batch")
    assert (
        lost.stderr == "The helpers did not come: let this notebook use the internet, and run this again.\n"
    )
    with pytest.raises(SystemExit, match=r"^Copies need a commit .*-dirty': commit first\.$"):
        course.main([course.root.as_uri()])


def test_on_colab_the_first_cell_turns_the_widget_manager_on(course, monkeypatch):
    on = []
    output = SimpleNamespace(enable_custom_widget_manager=lambda: on.append(True))
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr(sys.modules["google.colab"], "output", output, raising=False)
    monkeypatch.setattr(subprocess, "run", lambda pip, **_: SimpleNamespace(returncode=on.append(pip)))
    exec(course.SET_UP.format(address="https://host/owner/course", version="abc"))
    how = ["--quiet", "--no-deps", "--force-reinstall"]  # a session may have those of another version
    assert on[0][1:] == ["-m", "pip", "install", *how, "git+https://host/owner/course@abc"]
    assert on[1:] == [True]


def test_badges_open_the_copies_and_a_missing_address_is_asked_for(course):
    one = course.badges("https://github.com/owner/course.git", Path("dist/colab/01.ipynb"))
    for opens in ("research.google.com/github/", "welcome?src=https://github.com/"):
        assert f"{opens}owner/course/blob/main/dist/colab/01.ipynb)" in one
    assert course.badges("https://host/owner/course", Path("a.ipynb")) == "a.ipynb"
    for given in ([], ["owner/course"]):
        with pytest.raises(SystemExit, match=r"^Expected an address, but got .*: make colab ADD"):
            course.main(given)
