"""Exercises: whatever a learner gives ends in one sentence, and each known answer in the right one."""

import ast
import functools
import json
import re
import tomllib

from helpers import lessons
from helpers.checks import InputError
from helpers.practice import check, store
from lessons import build

import checks_adversary
import keras
import numpy as np
import pytest
from IPython.display import display

CATALOGUE = {}  # exercise: (set-up, right answers, wrong answers with what they are told)
for path in lessons.having("answers.toml").values():
    read = tomllib.loads(path.read_text("utf-8"))
    set_up = read.pop("set_up", "")
    CATALOGUE |= {name: (set_up, each["right"], each["wrong"]) for name, each in read.items()}
NAMES = sorted(check.declared())
pytestmark = pytest.mark.usefixtures("answers")


@functools.cache
def names_after(set_up):
    names = {"np": np, "keras": keras, "check": check}
    exec(set_up, names)
    return names


def told(name, answer):
    """What check.NAME(ANSWER) says, typed as in a notebook; it leaves all else as it was."""
    names = names_after(CATALOGUE[name][0])
    keras.utils.set_random_seed(0)
    positional, named = eval(f"(lambda *a, **k: (a, k))({answer})", names)
    before = checks_adversary.state()
    said = getattr(check, name)(*positional, **named)
    assert checks_adversary.moved(before) == [], answer
    print(f"check.{name}({answer})\n    {said}")  # pytest -s -k table
    return said


def is_one_sentence(text):
    assert text == " ".join(text.split()), text
    assert not re.search(r"[a-z]\. [A-Z]", re.sub(r"\(.*\)", "", text)), text
    assert text[-1] == "."
    assert len(text) <= 400
    return True


# Each exercise ------------------------------------------------------------------------


def test_every_exercise_has_a_catalogue_hints_and_a_lesson():
    assert sorted(CATALOGUE) == NAMES
    for name in NAMES:
        one, (_, right, wrong) = check.declared()[name], CATALOGUE[name]
        assert len(right) >= 2, name
        assert len(wrong) >= 6, name
        assert len(one.hints) == len(set(one.hints)) == 2, name
        assert one.lesson in lessons.names(), name
        assert 1 <= one.minutes <= 15, name
        assert one.title == " ".join(one.title.split()) != "", name


@pytest.mark.parametrize("name", NAMES)
def test_table_of_right_answers(name):
    for answer in CATALOGUE[name][1]:
        said = told(name, answer)
        assert said.right, (answer, said)
        is_one_sentence(said.sentence)


@pytest.mark.parametrize("name", NAMES)
def test_table_of_wrong_answers_and_what_they_are_told(name):
    for answer, fragment in CATALOGUE[name][2]:
        said = told(name, answer)
        assert said.right is False, (answer, said)
        assert fragment in said.sentence, answer
        assert ":" in said.sentence, answer
        is_one_sentence(said.sentence)


def exercise_cells():
    for path in lessons.names():
        for cell in build.read(path).cells:
            if build.SOLUTION.search(cell.source):
                yield build.CHECK.search(cell.source)[1], path


@functools.cache
def code(path, solved=False):
    """The code cells of a lesson's notebook."""
    return [cell.source for cell in build.notebook(path, solved).cells if cell.cell_type == "code"]


def statements(path, solved, name):
    """The statements of a lesson up to the cell that checks an exercise: those it stands on, and its own."""
    before = []
    for source in code(path, solved):
        own = ast.parse(source).body
        if f"check.{name}(" in source:
            break
        before += own
    wanted, slice_ = names_in(own, ast.Load), []
    for statement in reversed(before):
        if names_in([statement], ast.Store) & wanted:
            wanted |= names_in([statement], ast.Load)
            slice_.insert(0, statement)
    return slice_, own


def names_in(nodes, kind):
    found = set()
    for node in ast.walk(ast.Module(nodes, [])):
        if isinstance(node, ast.Name) and isinstance(node.ctx, kind):
            found.add(node.id)
        if isinstance(node, ast.alias | ast.FunctionDef) and kind is ast.Store:
            found.add((getattr(node, "asname", None) or node.name).partition(".")[0])
    return found


def run(path, solved, name):
    """What an exercise's cell says, after what it stands on."""
    before, (*own, last) = statements(path, solved, name)
    names = {"display": display}
    exec(compile(ast.Module([*before, *own], []), name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names)


@pytest.mark.parametrize(("name", "path"), list(exercise_cells()))
def test_each_solution_is_right_and_each_blank_is_silent(name, path, capsys):
    assert repr(run(path, False, name)) == check.NOT_YET
    assert store.kept() == []
    assert run(path, True, name).right
    assert store.last("exercise", path, name).said["right"]
    assert check.declared()[name].lesson == path


def test_each_exercise_has_a_cell_and_its_solution_is_what_the_lesson_gives():
    assert sorted(name for name, _ in exercise_cells()) == NAMES
    for lesson, path in lessons.having("solutions.json").items():
        solved = build.solutions(lesson)
        assert json.loads(path.read_text("utf-8")) == solved
        assert not any("solution" in line or "check." in line for code in solved.values() for line in code)


@pytest.mark.parametrize(
    ("solved", "blank"),
    [
        ("x = [\n    1,\n]  # solution", "x = ..."),
        ("a, b = f(1)  # solution\nprint(a)", "a, b = ..., ...\nprint(a)"),
        (
            "def f(x):\n    y = 'é'  # solution\n    return x, y  # solution",
            "def f(x):\n    y = ...\n    return ...",
        ),
    ],
)
def test_a_marked_statement_is_blank(solved, blank):
    assert build.blank(solved) == blank


@pytest.mark.parametrize(
    "line", ["print(1)  # solution", "x = [  # solution\n    1\n]", "x += 1  # solution"]
)
def test_a_mark_that_would_give_the_solution_away_is_refused(line):
    with pytest.raises(ValueError, match="must end an assignment or a return, but ends"):
        build.blank(line)


# What a notebook calls ----------------------------------------------------------------


def test_solution_asks_once_more_or_opens_after_three_different_tries_or_a_right_one():
    one = check.Exercise(check.one_unit.judge, "03_linear_collapse", 1, ("One.", "Two."))
    assert "0 of 3" in one.solution().sentence
    assert one.solution().code == "\n".join(build.solutions("03_linear_collapse")["one_unit"])
    for tries in ([(1, 1), (1, 2), (1, 3)], [(-12, 11)]):
        one = check.Exercise(check.one_unit.judge, "03_linear_collapse", 1, ("One.", "Two."))
        store.forget()
        one(*tries[0][:1] * 2)
        one(..., 3)
        for each in tries:
            one(*each)
        assert "my_slope = " in repr(one.solution())
        assert "```python" in one.solution()._repr_markdown_()
    assert [each.said for each in store.kept()][-1] == {"right": True, "try": "-12, 11"}


def test_a_right_answer_is_used_from_then_on_and_anything_else_is_stood_in_for():
    def mine(answer):
        return round(answer * 2000)

    before = store.kept("exercise")
    assert check.back_to_sums.accepted(mine, None) is mine
    for other in (lambda answer: answer, lambda answer: ..., ..., 1 / 2000):
        assert check.back_to_sums.accepted(other, mine) is mine
    layer, ours = keras.layers.Dense(8, "relu"), keras.layers.Dense(8)
    assert check.relu_layer.accepted(layer, ours) is layer
    for other in (keras.layers.Dense(7, "relu"), keras.Sequential([layer, keras.layers.ReLU()])):
        assert check.relu_layer.accepted(other, ours) is ours
    assert store.kept("exercise") == before  # it is no try


def test_hints_come_one_by_one_and_then_the_last_again():
    one = check.Exercise(check.one_unit.judge, "03_linear_collapse", 1, ("One.", "Two."))
    last = "That was the last of 2 hints: Two."
    hints = [one.hint().sentence for _ in range(4)]
    assert hints == ["Hint 1 of 2: One.", "Hint 2 of 2: Two.", last, last]


def test_exercises_are_found_by_name_and_a_slip_gets_the_nearest():
    assert dir(check) == sorted(check.declared())
    assert repr(check.one_unit).startswith("check.one_unit(slope, intercept): Two layers as one unit")
    with pytest.raises(InputError, match=r"no exercise 'one_units': do you mean check\.one_unit\?$"):
        _ = check.one_units
    assert not hasattr(check, "_repr_html_")


def test_an_answer_that_cannot_be_kept_is_judged_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path / "file"))
    assert "cannot be kept" in check.one_unit(-12, 11).sentence
