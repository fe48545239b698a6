"""The learner's own copies: they tell no answer before it is asked for, and lose nothing of the learner's."""

import contextlib
import datetime
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


# What is in view ----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_is_the_notebook_without_outputs_and_every_word_is_in_it(name):
    course = stored(name)
    copy = learner.own(course)
    assert course == stored(name)  # is left as it was
    assert "widgets" not in copy["metadata"]
    for cell, own in zip(course["cells"], copy["cells"], strict=True):
        assert not own.get("outputs")
        assert not own.get("execution_count")
        words = re.sub("<details.*?</summary>|</details>", "", own["source"]).split()
        assert words == re.sub("<details.*?</summary>|</details>", "", "".join(cell["source"])).split()
        assert own["cell_type"] == "markdown" or own["source"] == "".join(cell["source"])


def in_view(cells):
    """Return the prose that is not folded, up to the next heading."""
    prose = "\n".join(FOLDED.sub("", cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return re.split("^#", prose, flags=re.M)[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_prose_in_view_tells_what_a_prediction_is_held_against(name):
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


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_below_a_cell_that_tells_is_folded(name):
    cells = learner.own(stored(name))["cells"]
    for cell, below in itertools.pairwise(cells):
        if re.search(r"\.reveal\(|^explore\.", cell["source"], re.M) and below["cell_type"] == "markdown":
            goes_on = "Predict" if ".reveal(" in cell["source"] else "Predict|Question|Exercise"
            assert re.match(rf"<details class|#|\*\*({goes_on})", below["source"]), below


def test_a_task_is_folded_below_an_answer_but_not_below_a_panel():
    def text(source):
        return {"cell_type": "markdown", "metadata": {}, "source": source}

    made = notebook("predict.a()", "predict.a.reveal(1)", "print(1)", "check.b(1)", "explore.c()")
    for at, source in ((2, "It is 1."), (4, "So.\n\n**Exercise:** b."), (7, "Seen.\n\n**Exercise:** d.")):
        made["cells"].insert(at, text(source))
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
EARLIER = f"earlier/00_a-{TODAY}.ipynb"


def test_what_the_learner_does_stays_while_the_course_does(course, capsys):
    ran, wrote = notebook("1", "", output={"data": 1}), notebook("1", "2")
    write(course / "my_notebooks/00_a.ipynb", ran)
    write(course / "my_notebooks/01_b.ipynb", wrote)
    learner.update(course)
    assert mine(course) == {"00_a.ipynb": ["1", ""], "01_b.ipynb": ["1", "2"]}
    assert json.loads((course / "my_notebooks/00_a.ipynb").read_text()) == ran
    assert capsys.readouterr().out == ""


def test_a_changed_course_takes_the_place_of_what_was_only_run(course, capsys):
    for before, text in (("1", "new"), ("new", "newer"), ("newer", "newest")):
        write(course / "my_notebooks/00_a.ipynb", notebook(before, "", output={"data": 1}))
        write(course / "notebooks/00_a.ipynb", notebook(text))
        write(course / "notebooks/01_b.ipynb", notebook(text))  # its copy was never run
        learner.update(course)
    learner.update(course)
    names = [EARLIER, f"earlier/00_a-{TODAY}-2.ipynb", f"earlier/00_a-{TODAY}-3.ipynb"]
    earlier = dict(zip(names, (["1", ""], ["new", ""], ["newer", ""]), strict=True))
    assert mine(course) == {"00_a.ipynb": ["newest"], "01_b.ipynb": ["newest"], **earlier}
    line, *others = capsys.readouterr().out.splitlines()
    assert line.startswith("my_notebooks/00_a.ipynb is new, as the course has changed: what you ran is in ")
    assert line.endswith(f"my_notebooks/{EARLIER}.")
    assert len(others) == 2


def test_a_changed_course_stands_beside_what_the_learner_wrote(course, capsys):
    write(course / "my_notebooks/00_a.ipynb", notebook("1", "mine"))
    for text in ("new", "new", "newer"):
        write(course / "notebooks/00_a.ipynb", notebook(text))
        learner.update(course)
    kept = {"00_a.ipynb": ["1", "mine"], "00_a-new.ipynb": ["newer"]}
    assert mine(course) == {**kept, f"earlier/00_a-new-{TODAY}.ipynb": ["new"], "01_b.ipynb": ["1"]}
    line, _ = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "my_notebooks/00_a.ipynb stays as you changed it: the course's new one is beside it"
    )


def test_a_lesson_with_another_number_keeps_its_copy(course, capsys):
    write(course / "my_notebooks/01_b.ipynb", notebook("1", "mine"))
    (course / "notebooks/01_b.ipynb").rename(course / "notebooks/02_b.ipynb")
    write(course / "notebooks/01_new.ipynb", notebook("2"))
    learner.update(course)
    assert mine(course) == {"00_a.ipynb": ["1"], "01_new.ipynb": ["2"], "02_b.ipynb": ["1", "mine"]}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("damage", [None, "", "[]", "{", '{"00_a.ipynb": 3}', '{"cells": [1]}', "\udcff"])
def test_nothing_is_lost_where_a_file_is_damaged_or_gone(damage, course, capsys):
    broken = (damage or "").encode("utf-8", "surrogateescape")

    def spoil(name):
        path = course / name
        path.unlink() if damage is None else path.write_bytes(broken)

    spoil("my_notebooks/.made.json")
    learner.update(course)
    assert mine(course) == {"00_a.ipynb": ["1"], "01_b.ipynb": ["1"]}
    assert capsys.readouterr().out == ""
    write(course / "my_notebooks/00_a.ipynb", notebook("mine"))
    spoil("my_notebooks/.made.json")
    learner.update(course)
    assert mine(course) == {"00_a.ipynb": ["mine"], "00_a-new.ipynb": ["1"], "01_b.ipynb": ["1"]}
    assert len(capsys.readouterr().out.splitlines()) == 1
    for text in ("1", "new"):
        spoil("my_notebooks/01_b.ipynb")
        write(course / "notebooks/01_b.ipynb", notebook(text))
        learner.update(course)
        assert len(capsys.readouterr().out.splitlines()) == (damage is not None)
        assert damage is None or (course / "my_notebooks/01_b.ipynb").read_bytes() == broken
    spoil("notebooks/00_a.ipynb")
    before = (course / "my_notebooks/00_a.ipynb").read_bytes()
    learner.update(course)
    assert (course / "my_notebooks/00_a.ipynb").read_bytes() == before
    assert len(capsys.readouterr().out.splitlines()) == (0 if damage is None else 2)


def stopped(steps, real):
    """Return what takes a step, unless it is stopped before or behind it because no more are left."""

    def step(*given, **named):
        for act in (lambda: real(*given, **named), lambda: None):
            if not steps:
                raise KeyboardInterrupt
            steps.pop()
            act()

    return step


def test_stopped_at_any_moment_it_goes_on(course, monkeypatch):
    for count in range(40):
        write(course / "my_notebooks/00_a.ipynb", notebook("1", output={"data": count}))
        write(course / "my_notebooks/01_b.ipynb", notebook("mine", str(count)))
        digest = learner.digest(notebook("1"))
        write(course / "my_notebooks/.made.json", {"00_a.ipynb": digest, "01_b.ipynb": digest})
        for name in ("00_a", "01_b"):
            write(course / f"notebooks/{name}.ipynb", notebook(f"new {count}"))
        steps = [None] * count
        with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
            for name in ("replace", "rename", "mkdir"):
                patch.setattr(os, name, stopped(steps, getattr(os, name)))
            learner.update(course)
            break
        learner.update(course)
        has = mine(course)
        assert has["00_a.ipynb"] == has["01_b-new.ipynb"] == [f"new {count}"]
        assert has["01_b.ipynb"] == ["mine", str(count)]
        kept = [path.read_text("utf-8") for path in (course / "my_notebooks").rglob("00_a*.ipynb")]
        assert any(f'"data": {count}' in text for text in kept)
    assert 8 <= count < 39


# What `make lab` opens ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "opens"),
    [
        ([], "my_notebooks/00_start_here.ipynb"),
        (["--no-browser", "--ServerApp.root_dir=my_notebooks"], "00_start_here.ipynb"),
        (["--notebook-dir", str(ROOT.parent)], f"{ROOT.name}/my_notebooks/00_start_here.ipynb"),
        (["--ServerApp.root_dir=/elsewhere"], None),
    ],
)
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
