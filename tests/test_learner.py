"""The learner's own copies: they give no answer away, and an update loses nothing that the learner did."""

import contextlib
import datetime
import functools
import itertools
import json
import os
import re

from helpers import lessons
from lessons import build, learner

import pytest
from support import ROOT, load_course

NAMES = lessons.names()
FOLDED = re.compile(r'<details class="course-after"><summary>[^<]+</summary>\n\n.*?\n\n</details>\n\n', re.S)


def stored(name):
    return json.loads(build.target(name).read_text("utf-8"))


def text(cell):
    """A cell's text without what folds it."""
    return re.sub("<details.*?</summary>|</details>", "", "".join(cell["source"])).split()


# What is in view ----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_is_the_notebook_without_outputs_no_word_lost_and_folded_below_a_reveal(name):
    course = stored(name)
    copy = learner.own(course)
    assert course == stored(name)  # is left as it was
    assert "widgets" not in copy["metadata"]
    for cell, own in zip(course["cells"], copy["cells"], strict=True):
        assert not own.get("outputs")
        assert not own.get("execution_count")
        assert text(own) == text(cell)
        assert own["cell_type"] == "markdown" or own["source"] == "".join(cell["source"])
    for cell, below in itertools.pairwise(copy["cells"]):
        if re.search(r"\.reveal\(|^explore\.", cell["source"], re.M) and below["cell_type"] == "markdown":
            goes_on = "Predict" if ".reveal(" in cell["source"] else "Predict|Question|Exercise"
            assert re.match(rf"<details class|#|\*\*({goes_on})", below["source"]), below


def in_view(cells):
    """Return the prose that is not folded, up to the next heading."""
    prose = "\n".join(FOLDED.sub("", cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return re.split("^#", prose, flags=re.M)[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_prose_in_view_gives_the_truth_of_a_prediction_away(name):
    cells = learner.own(stored(name))["cells"]
    truths = json.loads((lessons.FOLDER / name / "truths.json").read_text("utf-8"))
    assert truths
    for asked, truth in truths.items():
        asks = re.compile(rf"^predict\.{asked}\(", re.M)
        at = next(n for n, cell in enumerate(cells) if asks.search(cell["source"]))
        text, before = in_view(cells[at + 1 :]), "".join(cell["source"] for cell in cells[: at + 1])
        numbers = set(re.findall(r"\d[\d,.]*\d", truth["told"])) - set(re.findall(r"\d[\d,.]*\d", before))
        assert not numbers & set(re.findall(r"\d[\d,.]*\d", text)), asked
        outcome = truth["told"].partition(". ")[0]
        assert len(outcome) < 10 or outcome not in text, asked


def test_a_task_is_folded_below_an_answer_but_not_below_a_panel():
    made = notebook("predict.a()", "predict.a.reveal(1)", "print(1)", "check.b(1)", "explore.c()")
    for at, source in ((2, "It is 1."), (4, "So.\n\n**Exercise:** b."), (7, "Seen.\n\n**Exercise:** d.")):
        made["cells"].insert(at, {"cell_type": "markdown", "metadata": {}, "source": source})
    told = [cell["source"] for cell in learner.own(made)["cells"] if cell["cell_type"] == "markdown"]
    assert [source.partition("</details>")[2].strip() for source in told] == ["", "", "**Exercise:** d."]
    assert "and a task" in told[1]


# What is the learner's ----------------------------------------------------------------


def notebook(*sources, output=""):
    code = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [output][: bool(output)]}
    return {"cells": [{**code, "source": source} for source in sources], "metadata": {}, "nbformat": 4}


@pytest.fixture
def course(tmp_path):
    """A course of two notebooks, whose copies are made."""
    (tmp_path / "notebooks").mkdir()
    for name in ("00_a", "01_b"):
        write(tmp_path / f"notebooks/{name}.ipynb", notebook("1"))
    learner.update(tmp_path)
    return tmp_path


def write(path, content):
    path.write_text(json.dumps(content), "utf-8")


def sources(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]


def mine(course):
    """Return what the learner has: the sources of each notebook."""
    folder = course / learner.FOLDER
    return {str(path.relative_to(folder)): sources(path) for path in sorted(folder.rglob("*.ipynb"))}


TODAY = datetime.date.today()
RAN, WROTE = notebook("1", "", output={"data": 1}), notebook("1", "mine")
EARLIER = {f"earlier/00_a-{TODAY}.ipynb": ["1", ""]}
KEPT = {"00_a.ipynb": ["1", "mine"]}
UPDATES = {
    # what the learner has, what the course has, what is left of both, and what is said
    "run, the same": (RAN, "1", {"00_a.ipynb": ["1", ""]}, ""),
    "changed, the same": (WROTE, "1", KEPT, ""),
    "as it was made, another": (notebook("1"), "new", {"00_a.ipynb": ["new"]}, ""),
    "run, another": (RAN, "new", {"00_a.ipynb": ["new"], **EARLIER}, "my_notebooks/00_a.ipynb is new, as "),
    "changed, another": (
        WROTE,
        "new",
        KEPT | {"00_a-new.ipynb": ["new"]},
        "my_notebooks/00_a.ipynb stays as you changed it: the course's new one is beside it",
    ),
}


@pytest.mark.parametrize(("has", "source", "left", "says"), UPDATES.values(), ids=UPDATES)
def test_an_update_loses_nothing_that_the_learner_did(has, source, left, says, course, capsys):
    write(course / "my_notebooks/00_a.ipynb", has)
    write(course / "notebooks/00_a.ipynb", notebook(source))
    for _ in range(2):  # the second changes nothing and says nothing
        learner.update(course)
        assert mine(course) == left | {"01_b.ipynb": ["1"]}
    assert [line.startswith(says) for line in capsys.readouterr().out.splitlines()] == [True] * bool(says)


def test_every_earlier_copy_is_kept(course, capsys):
    for before, after in (("1", "2"), ("2", "3"), ("3", "4")):
        write(course / "my_notebooks/00_a.ipynb", notebook(before, output={"data": 1}))
        write(course / "my_notebooks/01_b.ipynb", notebook("mine"))
        for name in ("00_a", "01_b"):
            write(course / f"notebooks/{name}.ipynb", notebook(after))
        learner.update(course)
    earlier = {f"00_a-{TODAY}": "1", f"00_a-{TODAY}-2": "2", f"00_a-{TODAY}-3": "3"}
    earlier |= {f"01_b-new-{TODAY}": "2", f"01_b-new-{TODAY}-2": "3"}
    found = mine(course)
    assert {name: found.pop(f"earlier/{name}.ipynb") for name in earlier} == {
        name: [text] for name, text in earlier.items()
    }
    assert found == {"00_a.ipynb": ["4"], "01_b.ipynb": ["mine"], "01_b-new.ipynb": ["4"]}
    said = capsys.readouterr().out
    assert f"my_notebooks/earlier/00_a-{TODAY}-3.ipynb.\n" in said
    assert (
        f"What was in my_notebooks/01_b-new.ipynb is in my_notebooks/earlier/01_b-new-{TODAY}.ipynb." in said
    )


def test_a_lesson_with_another_number_keeps_its_copy(course, capsys):
    write(course / "my_notebooks/01_b.ipynb", notebook("1", "mine"))
    (course / "notebooks/01_b.ipynb").rename(course / "notebooks/02_b.ipynb")
    write(course / "notebooks/01_new.ipynb", notebook("2"))
    learner.update(course)
    assert mine(course) == {"00_a.ipynb": ["1"], "01_new.ipynb": ["2"], "02_b.ipynb": ["1", "mine"]}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("damage", [None, "", "[]", '{"cells": [1]}', '{"00_a.ipynb": 3}', "\udcff"])
def test_a_damaged_or_lost_file_loses_nothing(damage, course, capsys):
    own, record = course / "my_notebooks/00_a.ipynb", course / "my_notebooks/.made.json"
    whole = {"00_a.ipynb": ["1"], "01_b.ipynb": ["1"]}

    def update(path):
        """Return the lines that an update prints when this file is damaged or gone."""
        path.unlink() if damage is None else path.write_bytes(damage.encode("utf-8", "surrogateescape"))
        learner.update(course)
        return len(capsys.readouterr().out.splitlines())

    assert (update(record), mine(course)) == (0, whole)
    if damage is None:
        assert (update(own), mine(course)) == (0, whole)
    else:
        for text in ("1", "new"):  # whether or not the course has changed, it stays as it is
            write(course / "notebooks/00_a.ipynb", notebook(text))
            assert update(own) == 1
            assert own.read_bytes() == damage.encode("utf-8", "surrogateescape")
    write(own, notebook("mine"))
    write(course / "notebooks/00_a.ipynb", notebook("newest"))
    assert update(record) == 1 + (damage is not None)  # and the new one of before is moved aside
    assert mine(course)["00_a.ipynb"] == ["mine"]
    assert mine(course)["00_a-new.ipynb"] == ["newest"]
    assert update(course / "notebooks/00_a.ipynb") == (damage is not None)
    assert mine(course)["00_a.ipynb"] == ["mine"]


def test_stopped_at_any_step_the_next_update_goes_on(course, monkeypatch):
    digest = learner.digest(notebook("1"))

    def stop_before(step, real, *given, **named):
        steps.append(real)
        if len(steps) > step:
            raise KeyboardInterrupt
        return real(*given, **named)

    for step in range(40):
        steps = []
        write(course / "my_notebooks/00_a.ipynb", notebook("1", output={"data": step}))
        write(course / "my_notebooks/01_b.ipynb", notebook("mine", str(step)))
        write(course / "my_notebooks/.made.json", {"00_a.ipynb": digest, "01_b.ipynb": digest})
        for name in ("00_a", "01_b"):
            write(course / f"notebooks/{name}.ipynb", notebook(f"new {step}"))
        with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
            for name in ("replace", "rename", "mkdir"):
                patch.setattr(os, name, functools.partial(stop_before, step, getattr(os, name)))
            learner.update(course)
            break
        learner.update(course)
        has = mine(course)
        assert has["00_a.ipynb"] == has["01_b-new.ipynb"] == [f"new {step}"]
        assert has["01_b.ipynb"] == ["mine", str(step)]
        kept = [path.read_text("utf-8") for path in (course / "my_notebooks").rglob("00_a*.ipynb")]
        assert any(f'"data": {step}' in text for text in kept)
    assert 4 <= step < 39


# What `make lab` opens ----------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "opens"), [
    ([], "my_notebooks/00_start_here.ipynb"),
    (["--no-browser", "--ServerApp.root_dir=my_notebooks"], "00_start_here.ipynb"),
    (["--notebook-dir", str(ROOT.parent)], f"{ROOT.name}/my_notebooks/00_start_here.ipynb"),
    (["--ServerApp.root_dir=/elsewhere"], None),
])  # fmt: skip
def test_the_learners_first_notebook_is_opened_where_it_can_be(arguments, opens, monkeypatch):
    module, started, made = load_course(), [], []
    monkeypatch.setattr(module.Venv, "prepare", lambda self: self)
    monkeypatch.setattr(module.learner, "update", made.append)
    monkeypatch.setattr(module, "become", lambda command, env: started.extend(command))
    monkeypatch.chdir(ROOT)
    module.main(["lab", *arguments])
    assert made == [ROOT]
    shown = [each for each in started if each.startswith("--LabApp.default_url=")]
    assert shown == ([f"--LabApp.default_url=/lab/tree/{opens}"] if opens else [])
    assert (f"--ServerApp.root_dir={ROOT}" in started) == (arguments == [])
