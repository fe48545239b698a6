"""Exercises: each known answer gets the right sentence, and hints, tries and solutions work."""

import ast
import re

from helpers import lessons
from helpers.checks import InputError
from helpers.practice import check, predict, quiz, store
from lessons import build

import checks_adversary
import keras
import pytest
from checks_adversary import catalogue
from IPython.display import display
from support import code, is_one_sentence

pytestmark = pytest.mark.usefixtures("answers")
NAMES = sorted(check.declared())
SPACES = {name: space for said in lessons.load("said").values() for name, space in said.SPACES.items()}
CELLS = [
    (build.CHECK.search(source)[1], path)
    for path in lessons.names()
    for source in code(path)
    if re.search(r"^check\.", source, re.MULTILINE)
]


def judged(name, answer):
    """Return what check.NAME(ANSWER) says, which must leave all else as it was."""
    keras.utils.set_random_seed(0)
    positional, named = catalogue()[name].arguments(answer)
    before = checks_adversary.state()
    said = check.declared()[name](*positional, **named)
    assert checks_adversary.moved(before) == [], answer
    print(f"check.{name}({answer})\n    {said}")  # pytest -s -k known
    assert is_one_sentence(said.sentence)
    return said


@pytest.mark.parametrize("name", NAMES)
def test_each_known_answer_gets_its_sentence(name):
    sentences = []
    for answer in catalogue()[name].right:
        said = judged(name, answer)
        assert said.right, answer
        sentences.append(said.sentence)
    for answer, fragment in catalogue()[name].wrong:
        said = judged(name, answer)
        assert said.right is False, answer
        assert fragment in said.sentence, answer
        assert ":" in said.sentence, answer
        sentences.append(said.sentence)
    # What test_said checks with random answers is said of one of these: a pattern cannot go stale.
    for pattern in SPACES[name].facts:
        assert any(re.search(pattern, sentence) for sentence in sentences), pattern


def test_every_exercise_has_known_answers_hints_a_lesson_and_a_cell():
    assert sorted(catalogue()) == sorted(name for name, _ in CELLS) == NAMES
    for name, path in CELLS:
        one = check.declared()[name]
        assert one.lesson == path, name
        assert len(catalogue()[name].right) >= 2, name
        assert len(catalogue()[name].wrong) >= 6, name
        assert len(one.hints) == len(set(one.hints)) == 2, name
        assert 1 <= one.minutes <= 15, name
        assert one.title == " ".join(one.title.split()) != "", name


@pytest.mark.parametrize(("name", "path"), CELLS)
def test_each_solution_is_right_and_each_blank_is_silent(name, path):
    """A cell finds the names of those above it in the set-up of the lesson's answers.toml."""
    imports = re.findall(r"^(?:import|from) .+", "\n".join(code(path)), re.MULTILINE)
    keras.utils.set_random_seed(0)
    for solved, right in ((False, None), (True, True)):
        names = catalogue()[name].names | {"display": display}
        source = next(source for source in code(path, solved) if f"check.{name}(" in source)
        *own, last = ast.parse("\n".join([*imports, source])).body
        exec(compile(ast.Module(own, []), name, "exec"), names)
        assert eval(compile(ast.Expression(last.value), name, "eval"), names).right is right
        assert len(store.kept()) == solved


def test_the_solution_opens_after_a_right_answer_or_three_different_tries_or_if_asked_twice():
    for tries in ([], [(1, 1)] * 3, [(1, 1), (1, 2), (..., 3)], [(1, 1), (1, 2), (1, 3)], [(-12, 11)]):
        one = check.Exercise(check.one_unit.judge, "03_linear_collapse", 1, ("One.", "Two."))
        store.forget()
        for each in tries:
            one(*each)
        if tries[-1:] not in ([(1, 3)], [(-12, 11)]):
            assert f"{len(set(tries) - {(..., 3)})} of 3" in one.solution().sentence
        assert one.solution().code == "\n".join(build.solutions("03_linear_collapse")["one_unit"])
        assert "```python\n" in one.solution()._repr_markdown_()
    assert store.kept()[-1].content == {"right": True, "try": "-12, 11"}


def test_a_right_answer_is_used_from_then_on_and_a_wrong_one_is_replaced():
    def mine(answer):
        return round(answer * 2000)

    assert check.back_to_sums.accepted(mine, None) is mine
    for other in (lambda answer: answer, lambda answer: ..., ..., 1 / 2000):
        assert check.back_to_sums.accepted(other, mine) is mine
    layer, ours = keras.layers.Dense(8, "relu"), keras.layers.Dense(8)
    assert check.relu_layer.accepted(layer, ours) is layer
    for other in (keras.layers.Dense(7, "relu"), keras.Sequential([layer, keras.layers.ReLU()])):
        assert check.relu_layer.accepted(other, ours) is ours
    assert store.kept("exercise") == []  # none of these is a try


def test_hints_come_one_by_one_and_then_the_last_again():
    one = check.Exercise(check.one_unit.judge, "03_linear_collapse", 1, ("One.", "Two."))
    hints = [one.hint().sentence for _ in range(4)]
    assert hints[:2] == ["Hint 1 of 2: One.", "Hint 2 of 2: Two."]
    assert hints[2] == hints[3] == "That was the last of 2 hints: Two."


def test_exercises_are_found_by_name_and_a_slip_gets_the_nearest():
    assert dir(check) == sorted(check.declared())
    assert repr(check.one_unit).startswith("check.one_unit(slope, intercept): Two layers as one unit")
    for module, slip in ((check, "one_units"), (predict, "two_as_on"), (quiz, "squarin")):
        with pytest.raises(InputError, match=rf"no [a-z]+ '{slip}': do you mean [a-z]+\.{slip[:-1]}\w*\?$"):
            getattr(module, slip)
    assert not hasattr(check, "_repr_html_")
