"""What the notebooks ask: each question where its lesson asks it, its truth computed and in the reveal."""

import ast
import html
import inspect
import json
import re
import textwrap

from helpers import lessons
from helpers.practice import check, predict, progress, quiz
from lessons import build

import nbformat
import pytest
from test_check import code
from test_lessons import bare_digits

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
    call = re.compile(rf"^predict\.{name}\.reveal\((.*)\)$", re.MULTILINE)
    reveals = [i for i, source in enumerate(cells) if call.search(source)]
    asks = next(i for i, source in enumerate(cells) if f"predict.{name}()" in source)
    later = range(asks + 1, len(cells))
    after = next(i for i in later if "predict." not in cells[i] or "reveal(" in cells[i])
    assert reveals == [after]
    *_, last = cells[after].splitlines()
    assert re.match(r"predict\.\w+\.reveal\(", last)
    assert call.search(cells[after])[1] == ", ".join(inspect.signature(one.truth).parameters)


@pytest.mark.parametrize("name", predict.declared())
def test_a_truth_is_computed(name):
    truth = predict.declared()[name].truth
    function = ast.parse(textwrap.dedent(inspect.getsource(truth))).body[0]
    used = {node.id for node in ast.walk(ast.Module(function.body, [])) if isinstance(node, ast.Name)}
    assert used >= set(inspect.signature(truth).parameters)
    for node in ast.walk(function):
        if isinstance(node, ast.Return):
            assert isinstance(node.value, ast.Tuple), "a truth and its sentence"
            assert not isinstance(node.value.elts[0], ast.Constant), "a typed truth"


def stored(lesson):
    return nbformat.read(build.target(lesson), 4).cells


def said(cell):
    """All that a cell's outputs say in words."""
    return " ".join(
        text
        for output in cell.get("outputs", ())
        for kind, text in [("text/plain", output.get("text", "")), *output.get("data", {}).items()]
        if kind.startswith("text/")
    )


def numbers(text):
    return set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text))


@pytest.mark.parametrize("lesson", lessons.names())
def test_what_the_summary_tells_is_what_the_reveals_print(lesson):
    """Print what each prediction is told, too: `pytest -s -k summary_tells tests/test_practice.py`."""
    cells = stored(lesson)
    told = next(html.unescape(said(cell)) for cell in cells if cell.source.startswith("predict.summary("))
    everything = " ".join(said(cell) for cell in cells if not cell.source.startswith("predict."))
    everything += " ".join(cell.source for cell in cells)
    for one in predict.declared().values():
        if one.lesson == lesson:
            row = re.search(rf"<th[^>]*>{re.escape(one.question)}</th><td[^>]*>(.*?)</td>", told)
            assert row, one.name
            print(f"{lesson} {one.name}: {one.question} -> {row[1]}")
            assert numbers(row[1]) <= numbers(everything), one.name


def test_each_wrong_choice_that_means_something_has_one_short_sentence():
    forms = {one.name: one.form for one in predict.declared().values() if getattr(one.form, "meanings", {})}
    assert len(forms) > 20
    for name, form in forms.items():
        truth = build.stored_truths(predict.declared()[name].lesson)[name]["truth"]
        assert form.meanings.keys() == set(form.options) - {truth}, name
        for sentence in form.meanings.values():
            assert re.fullmatch(r"[^.!?]+[.!?]", sentence), sentence
            assert len(sentence.split()) <= 20, sentence
            assert not bare_digits(sentence), sentence


@pytest.mark.parametrize("lesson", lessons.names())
def test_the_stored_truths_are_those_of_the_stored_notebook(lesson):
    assert json.loads(json.dumps(build.truths(lesson))) == build.stored_truths(lesson)


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


def test_every_notebook_has_three_questions_with_a_reason_for_each_choice():
    assert {len(of_notebook.questions) for of_notebook in quiz.declared().values()} == {3}
    for one in (one for of_notebook in quiz.declared().values() for one in of_notebook.questions):
        assert len(one.choices) >= 3, one.name
        assert all(reason.strip().endswith((".", "!", "?")) for reason in one.choices.values()), one.name
        assert len(set(one.choices.values())) == len(one.choices), one.name


def test_the_right_choice_stands_in_every_place():
    places = [list(one.choices).index(one.right) for of in quiz.declared().values() for one in of.questions]
    assert {0, 1, 2} <= set(places)
    assert max(map(places.count, places)) < len(places) / 2


def test_progress_knows_all_that_is_asked():
    kinds = [kind for kind, *_ in progress.asked()]
    assert kinds.count("prediction") == len(predict.declared())
    assert kinds.count("exercise") == len(check.declared())
    assert kinds.count("quiz") == 3 * len(quiz.declared())
