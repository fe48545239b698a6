"""Predictions, quizzes and progress: asked, kept, confronted, and never in the way."""

import re

from helpers.checks import InputError
from helpers.practice import check, predict, progress, quiz, store
from helpers.practice.features import Height, Slope, Straight
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import Prediction

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("answers")


@pytest.fixture
def doubled():
    """Return a prediction of a number whose truth the notebook's `x` decides."""
    return Prediction("01_summation", "doubled", "Twice x?", Number(), lambda x: (2 * x, f"x is {x}."))


def say(ask, do, answer=None, sure=False):
    """Do in the browser's place what a reader does."""
    ask.said = {"do": do, "answer": answer, "sure": sure, "turn": ask.now.get("turn", 0) + 1}
    return ask.now


def test_an_answer_is_kept_and_locked_until_the_reader_changes_it(doubled):
    ask = doubled()
    assert ask.now["open"]
    now = say(ask, "keep", "about 75k", sure=True)
    assert (now["kept"], now["open"], now["told"]) == ("Kept: about 75k (sure).", False, "")
    assert say(ask, "change")["open"]
    assert say(ask, "keep", "8")["kept"] == "Kept: 8 (not sure)."
    assert [answer.said["answer"] for answer in store.kept()] == [75_000, 8]


def test_a_number_is_shown_as_it_was_typed(doubled):
    for typed in ("1999", "74,535", "about 75k"):
        ask = doubled()
        if ask.now["change"]:
            say(ask, "change")
        now = say(ask, "keep", f" {typed}")
        assert (now["typed"], now["open"]) == (typed, False)
        assert say(ask, "keep", now["typed"])["answer"] == now["answer"]


@pytest.fixture
def shown(monkeypatch):
    """What a reveal displays."""
    said = []
    monkeypatch.setattr(predict, "display", lambda what, **_: said.append(what))
    return said


def test_the_reveal_holds_the_answer_against_what_the_notebook_computed(doubled, shown):
    ask = doubled()
    say(ask, "keep", "5", sure=True)
    doubled.reveal(4)
    assert (shown[-1].look, shown[-1].words) == ("wrong", "You said 5, 37.5 % off; it is 8. x is 4.")
    assert not ask.now["change"]
    assert not say(ask, "change")["open"]
    assert doubled.kept()["right"] is False
    doubled.reveal(2.5)
    assert (shown[-1].look, shown[-1].words) == ("right", "You said 5, and so it is. x is 2.5.")


def test_without_a_prediction_the_reveal_says_what_happened_in_the_third_look(doubled, shown):
    doubled()
    doubled.reveal(4)
    assert shown[-1]["text/plain"] == "What happened: 8. x is 4."
    assert "border" in shown[-1]["text/html"]


def test_what_is_kept_after_the_reveal_is_after_the_fact_and_counts_as_none(doubled, shown, monkeypatch):
    ask = doubled()
    doubled.reveal(4)
    now = say(ask, "keep", "8", sure=True)
    assert predict.LATE in now["told"]
    assert now["look"] == "neither"
    monkeypatch.setattr(predict, "declared", lambda: {"doubled": doubled})
    assert "none was kept" in predict.summary("summation").data
    assert re.search("01(</a>)?</th><td[^>]*>0 of 1</td>", progress.report())
    assert "Shaky" not in progress.report()
    doubled.reveal(4)
    assert shown[-1]["text/plain"].startswith("What happened")


def test_a_reveal_that_cannot_be_told_says_so(doubled, shown):
    ask = doubled()
    say(ask, "keep", "5")
    for given, reason in (((), "TypeError"), (("a",), "ValueError")):
        doubled.reveal(*given)
        assert reason in shown[-1].data
        assert "run the cells above" in shown[-1].data
    assert ask.now["kept"] == "Kept: 5 (not sure)."


def test_buttons_beside_a_verdict_bring_hints_and_the_solution(monkeypatch):
    outcomes = []
    monkeypatch.setattr(check, "display", lambda what, **_: outcomes.append(what))
    check.one_unit(1, 1)._ipython_display_()
    assert (outcomes[-1].look, list(outcomes[-1].buttons)) == ("wrong", ["hint", "solution"])
    for number, name in enumerate(("hint", "solution", "solution", "nonsense")):
        outcomes[-1].pressed = {"name": name, "presses": number}
    assert "my_slope" in outcomes[-1].more["code"] or "=" in outcomes[-1].more["code"]
    check.one_unit(-12, 11)._ipython_display_()
    assert outcomes[-1].look == "right"
    check.one_unit(..., 11)._ipython_display_()
    assert (outcomes[-1].look, outcomes[-1].words) == ("neither", check.NOT_YET)


def test_a_reader_without_a_kernel_sees_the_question_and_its_choices(capsys):
    one = Prediction("01_summation", "kept", "Which <one>?", Choice(["a < b", "b"]), lambda x: (x, ""))
    assert "<b>Which &lt;one&gt;?</b></p><ul><li>a &lt; b</li><li>b</li></ul>" in one().fallback()[0]
    one()._ipython_display_()
    said = capsys.readouterr().out
    assert said.count("'text/plain': 'Which <one>?'") == 2
    assert "widget-view" in said


def test_a_wrong_form_gets_a_sentence_and_nothing_is_kept(doubled):
    ask = doubled()
    assert "Expected one number" in say(ask, "keep", "many")["fault"]
    assert store.kept() == []


def test_a_wrong_choice_is_told_what_it_means_and_a_right_one_is_not(shown):
    form = Choice(["a", "b"], meanings={"a": "An a is flat."})
    one = Prediction("01_summation", "kept", "Which?", form, lambda x: (x, f"x is {x}."))
    ask = one()
    say(ask, "keep", "a")
    assert "flat" not in str(ask.get_state())
    one.reveal("b")
    assert shown[-1].words == "You said “a”; it is “b”. x is b. An a is flat."
    one.reveal("a")
    assert shown[-1].words == "You said “a”, and so it is. x is a."


def test_another_session_finds_what_was_kept(doubled):
    say(doubled(), "keep", "5", sure=True)
    assert doubled().now["kept"] == "Kept: 5 (sure)."


@pytest.mark.parametrize(
    ("form", "answer", "truth", "right", "told"),
    [
        (Choice(["a", "b"]), "a", "a", True, "You said “a”, and so it is."),
        (Choice(["a", "b"]), "a", "b", False, "You said “a”; it is “b”."),
        (Number(), 100, 104, True, "You said 100, 3.8 % off; it is 104. That is close."),
        (Number(), 100, 0, False, "You said 100; it is 0."),
        (Number(), -1, 10, False, "You said −1; it is 10."),
        (Number("units"), 30, 10, False, "You said 30, about 3 times too large; it is 10 units."),
        (Number(trained=True), 1, 10.04, False, "You said 1, about 10 times too small; it is ≈ 10.0."),
    ],
)
def test_an_answer_and_the_truth_in_words(form, answer, truth, right, told):
    assert form.agrees(answer, truth) is right
    assert form.compare(answer, truth) == told


@pytest.mark.parametrize(
    ("heights", "shape"),
    [
        ([5, 5, 5, 5, 5], "a level line"),
        ([0, 2, 4, 6, 8], "a straight line that rises"),
        ([0, 1, 3, 6, 10], "a curve that rises and bends upwards"),
        ([10, 6, 3, 1, 0], "a curve that falls and bends upwards"),
        ([0, 6, 9, 10, 10], "a curve that rises and bends downwards"),
        ([0, 0, 0, 5, 10], "a curve that is level, then rises"),
        ([10, 1, 0, 0, 0], "a curve that falls, then is level"),
        ([0, 10, 0, 10, 0], "a curve that turns 3 times"),
    ],
)
def test_the_shape_of_a_drawing_in_words(heights, shape):
    form = Drawing([0, 1, 2, 3, 4], 0, 10, "x", "y", [Height()])
    assert form.say(heights) == shape
    assert form.agrees(heights, heights)
    assert not form.agrees([height + 2 for height in heights], np.asarray(heights) - 0.5)
    with pytest.raises(InputError, match="5 heights"):
        form.read(heights[:4])


def test_a_drawing_is_told_what_is_right_and_what_is_not():
    form = Drawing([0, 5, 10], 0, 10, "x", "y", [Straight(), Slope(), Height([0])])
    right, bent = ([0, 5, 10], [0, 9, 10])
    assert form.compare(right, right) == (
        "Your drawing is right: straight from 0 to 10; how steep it is from 0 to 10; how high it is at 0."
    )
    assert form.compare(bent, right) == (
        "Right in your drawing: how steep it is from 0 to 10; how high it is at 0. "
        "Not right: from 0 to 10 it is straight, and yours bends downwards."
    )
    assert form.compare([9, 9, 9], bent).startswith("Right in your drawing: straight")


def test_the_summary_begins_with_what_was_sure_and_wrong(monkeypatch):
    declared = {}
    for name, sure, answer in (("first", False, "2"), ("second", True, "3"), ("third", True, "2")):
        one = Prediction("01_summation", name, f"The {name}?", Number(), lambda x: (x, ""))
        declared[name] = one
        say(one(), "keep", answer, sure)
        one.reveal(2)
    monkeypatch.setattr(predict, "declared", lambda: declared)
    table = predict.summary("summation").data
    assert "2 of 3 right" in table
    order = [table.index(f"The {name}?") for name in ("second", "first", "third")]
    assert order == sorted(order)
    with pytest.raises(InputError, match="'77'"):
        predict.summary("77")


def test_a_question_is_answered_until_it_is_right():
    ask = quiz.Question("03", "one", "Which?", "b", {"a": "No bend.", "b": "A line."}).ask()
    assert say(ask, "keep", "a")["told"] == "Not so: No bend."
    assert say(ask, "change")["open"]
    now = say(ask, "keep", "b")
    assert (now["told"], now["change"], now["open"]) == ("Right: A line.", False, False)
    with pytest.raises(InputError, match="one of the choices"):
        quiz.Question("03", "one", "Which?", "c", {"a": "", "b": ""})


@pytest.mark.parametrize("module", [predict, quiz])
def test_an_unknown_name_gets_the_nearest(module):
    name = dir(module)[0]
    with pytest.raises(InputError, match=name):
        getattr(module, name + "s")


def test_progress_counts_and_forgets(monkeypatch):
    one = next(one for one in predict.declared().values() if isinstance(one.form, Choice))
    before = progress.report()
    said = {"answer": one.form.options[0], "sure": True, "right": False, "told": "No."}
    store.keep(store.Answer(one.lesson, "prediction", one.name, said))
    panel = progress.progress()
    assert "1 of" in progress.report()
    assert "Shaky" in progress.report()
    panel.emptied = 1
    assert progress.report() == before
    assert store.kept() == []


def test_what_was_solved_once_stays_solved():
    _, lesson, name = next(key for key in progress.asked() if key[0] == "exercise")
    for right in (False, True, False, False, False):
        store.keep(store.Answer(lesson, "exercise", name, {"right": right, "try": ""}))
    report = progress.report()
    assert f"{lesson[:2]}</" in report
    assert "1 of" in report
    assert "Shaky" not in report
