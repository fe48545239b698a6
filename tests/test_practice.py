"""What the notebooks ask, where they ask it, and how long it takes."""

import inspect
import json
import re

from helpers import lessons
from helpers.practice import check, predict, quiz
from helpers.practice.forms import Number
from lessons import build

import pytest
from support import code
from test_lessons import bare_numbers

CALL = re.compile(r"^(predict|check|quiz)\.(\w+)\(", re.MULTILINE)
WORDS_A_MINUTE = 150
MINUTES = {r"^explore\.": 2, r"^predict\.\w+\(": 0.5, r"^quiz\.": 3}  # of a cell that calls it


def test_every_lesson_asks_what_is_declared_for_it_once():
    asked = [(name, *call) for name in lessons.names() for call in CALL.findall("\n".join(code(name)))]
    declared = [(one.lesson, "predict", name) for name, one in predict.declared().items()]
    declared += [(lesson, "predict", "summary") for lesson in lessons.names()]
    declared += [(one.lesson, "check", name) for name, one in check.declared().items()]
    declared += [(one.questions[0].lesson, "quiz", name) for name, one in quiz.declared().items()]
    later = {name: one.lesson for name, one in predict.declared().items()}
    asked = [each for each in asked if each[0] >= later.get(each[2], "")]  # 00 may ask what 02 settles
    assert sorted(asked) == sorted(declared)


@pytest.mark.parametrize("name", predict.declared())
def test_the_next_cell_reveals_it_in_its_last_lines_with_what_its_truth_takes(name):
    one = predict.declared()[name]
    cells = code(one.lesson)
    reveal = f"predict.{name}.reveal({', '.join(inspect.signature(one.truth).parameters)})"
    asks = next(i for i, source in enumerate(cells) if f"predict.{name}()" in source)
    later = range(asks + 1, len(cells))
    after = next(i for i in later if "predict." not in cells[i] or "reveal(" in cells[i])
    assert [i for i, source in enumerate(cells) if f"predict.{name}.reveal(" in source] == [after]
    lines = cells[after].splitlines()
    assert reveal in lines
    assert re.match(r"predict\.\w+\.reveal\(", lines[-1])


def test_each_wrong_choice_that_means_something_has_one_short_sentence():
    forms = {one.name: one.form for one in predict.declared().values() if getattr(one.form, "meanings", {})}
    assert len(forms) > 20
    for name, form in forms.items():
        truth = lessons.stored(predict.declared()[name].lesson, "truths")[name]["truth"]
        assert form.meanings.keys() == set(form.options) - {truth}, name
        for sentence in form.meanings.values():
            assert re.fullmatch(r"[^.!?]+[.!?]", sentence), sentence
            assert len(sentence.split()) <= 20, sentence
            assert not bare_numbers(sentence), sentence


@pytest.mark.parametrize("lesson", lessons.names())
def test_the_stored_truths_and_solutions_are_what_notebook_and_lesson_give(lesson):
    truths = lessons.stored(lesson, "truths")
    assert json.loads(json.dumps(build.truths(lesson))) == truths
    for name, one in truths.items():
        if isinstance(form := predict.declared()[name].form, Number):
            assert one["told"].startswith(form.say(one["truth"]))
    assert build.solutions(lesson) == lessons.stored(lesson, "solutions")
    assert not re.search(r"solution|check\.", repr(build.solutions(lesson)))


@pytest.mark.parametrize("lesson", lessons.names())
def test_the_announced_minutes_are_what_it_takes(lesson):
    made = build.notebook(lesson)
    prose = " ".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
    prose = re.sub(r"<details>.*?</details>", "", prose, flags=re.DOTALL)  # folded: optional
    takes = len(prose.split()) / WORDS_A_MINUTE
    takes += sum(MINUTES[of] for source in code(lesson) for of in MINUTES if re.search(of, source, re.M))
    takes += sum(one.minutes for one in check.declared().values() if one.lesson == lesson)
    announced = build.read(lesson).metadata.lesson.minutes
    assert abs(takes / announced - 1) <= 0.3, f"announced {announced}, computed {takes:.0f}"


def test_each_notebook_ends_with_three_questions_and_the_right_choice_stands_in_every_place():
    assert {len(each.questions) for each in quiz.declared().values()} == {3}
    questions = [one for each in quiz.declared().values() for one in each.questions]
    for one in questions:
        assert one.text.endswith("?"), one.name
        assert len(one.choices) >= 3, one.name
        assert all(reason.strip().endswith((".", "!", "?")) for reason in one.choices.values()), one.name
        assert len(set(one.choices.values())) == len(one.choices), one.name
    places = [list(one.choices).index(one.right) for one in questions]
    assert {0, 1, 2} <= set(places)
    assert max(map(places.count, places)) < len(places) / 2
