"""Predictions, quizzes and progress: asked, kept, compared with what happened, and asked again."""

import re

from helpers import lessons
from helpers.checks import InputError
from helpers.practice import check, forms, overview, predict, quiz, store
from helpers.practice.features import Height, Slope, Straight
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import Prediction
from lessons import build

import nbformat
import numpy as np
import pytest
from support import say, truth_of

pytestmark = pytest.mark.usefixtures("answers")


@pytest.fixture
def doubled():
    """Return a prediction of a number whose truth the notebook's `x` decides."""
    return Prediction("01_summation", "doubled", "Twice x?", Number(), lambda x: (2 * x, f"x is {x}."))


@pytest.fixture
def shown(monkeypatch):
    """Return the list of what predictions, checks and quizzes display."""
    said = []
    for module in (predict, check, quiz):
        monkeypatch.setattr(module, "display", lambda what, **_: said.append(what))
    return said


# A prediction, before and after it is revealed ----------------------------------------------


def test_an_answer_is_kept_as_it_was_typed_and_locked_until_the_reader_changes_it(doubled):
    ask = doubled()
    assert ask.now["open"]
    now = say(ask, "keep", " about 75k", sure=True)
    assert (now["kept"], now["typed"], now["open"]) == ("Kept: about 75k (sure).", "about 75k", False)
    assert now["told"] == ""
    assert doubled().now["kept"] == now["kept"]  # in another session
    assert say(ask, "change")["open"]
    assert "Expected one number" in say(ask, "keep", "many")["fault"]
    assert say(ask, "keep", "8")["kept"] == "Kept: 8 (not sure)."
    assert [answer.content["answer"] for answer in store.kept()] == [75_000, 8]


def test_the_reveal_compares_the_answer_with_what_the_notebook_computed(doubled, shown):
    ask = doubled()
    say(ask, "keep", "5", sure=True)
    doubled.reveal(4)
    assert (shown[-1].look, shown[-1].words) == ("wrong", "You said 5, 37.5 % off; it is 8. x is 4.")
    assert not ask.now["change"]
    assert not say(ask, "change")["open"]
    assert doubled.kept()["right"] is False
    doubled.reveal(2.5)
    assert (shown[-1].look, shown[-1].words) == ("right", "You said 5, and so it is. x is 2.5.")


def test_what_is_answered_after_the_reveal_counts_as_no_prediction(doubled, shown, monkeypatch):
    ask = doubled()
    doubled.reveal(4)
    assert shown[-1]["text/plain"] == "What happened: 8. x is 4."
    assert "border" in shown[-1]["text/html"]
    now = say(ask, "keep", "8", sure=True)
    assert predict.LATE in now["told"]
    assert now["look"] == "neither"
    monkeypatch.setattr(predict, "declared", lambda: {"doubled": doubled})
    assert "none was kept" in predict.summary("summation").data
    assert re.search("01(</a>)?</th><td[^>]*>0 of 1</td>", overview.report())
    assert "Shaky" not in overview.report()
    doubled.reveal(4)
    assert shown[-1]["text/plain"].startswith("What happened")


def test_a_reveal_that_fails_says_so(doubled, shown):
    ask = doubled()
    say(ask, "keep", "5")
    for given, reason in (((), "TypeError"), (("a",), "ValueError")):
        doubled.reveal(*given)
        assert reason in shown[-1].data
        assert "run the cells above" in shown[-1].data
    assert ask.now["kept"] == "Kept: 5 (not sure)."


def test_a_wrong_choice_gets_what_it_means_and_a_right_one_does_not(shown):
    form = Choice(["a", "b"], meanings={"a": "An a is flat."})
    one = Prediction("01_summation", "kept", "Which?", form, lambda x: (x, f"x is {x}."))
    ask = one()
    say(ask, "keep", "a")
    assert "flat" not in str(ask.get_state())
    one.reveal("b")
    assert shown[-1].words == "You said “a”; it is “b”. x is b. An a is flat."
    one.reveal("a")
    assert shown[-1].words == "You said “a”, and so it is. x is a."


def test_a_reader_without_a_kernel_sees_the_question_and_its_choices(capsys):
    one = Prediction("01_summation", "kept", "Which <one>?", Choice(["a < b", "b"]), lambda x: (x, ""))
    assert "<b>Which &lt;one&gt;?</b></p><ul><li>a &lt; b</li><li>b</li></ul>" in one().fallback()[0]
    one()._ipython_display_()
    said = capsys.readouterr().out
    assert said.count("'text/plain': 'Which <one>?'") == 2
    assert "widget-view" in said


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


# Answers in words -----------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "answer", "truth", "right", "told"), [
    (Number(), 100, 104, True, "You said 100, 3.8 % off; it is 104. That is close."),
    (Number(), 100, 0, False, "You said 100; it is 0."),
    (Number(), -1, 10, False, "You said −1; it is 10."),
    (Number("units"), 30, 10, False, "You said 30, about 3 times too large; it is 10 units."),
    (Number(trained=True), 1, 10.04, False, "You said 1, about 10 times too small; it is ≈ 10.0."),
])  # fmt: skip
def test_an_answer_and_the_truth_in_words(form, answer, truth, right, told):
    assert form.agrees(answer, truth) is right
    assert form.compare(answer, truth) == told


@pytest.mark.parametrize(("heights", "shape"), [
    ([5, 5, 5, 5, 5], "a level line"),
    ([0, 2, 4, 6, 8], "a straight line that rises"),
    ([0, 1, 3, 6, 10], "a curve that rises and bends upwards"),
    ([10, 6, 3, 1, 0], "a curve that falls and bends upwards"),
    ([0, 6, 9, 10, 10], "a curve that rises and bends downwards"),
    ([0, 0, 0, 5, 10], "a curve that is level, then rises"),
    ([10, 1, 0, 0, 0], "a curve that falls, then is level"),
    ([0, 10, 0, 10, 0], "a curve that turns 3 times"),
])  # fmt: skip
def test_the_shape_of_a_drawing_in_words(heights, shape):
    form = Drawing([0, 1, 2, 3, 4], 0, 10, "x", "y", [Height()])
    assert form.say(heights) == shape
    assert not form.agrees([height + 2 for height in heights], np.asarray(heights) - 0.5)


def test_a_drawing_gets_what_is_right_in_it_and_what_is_not():
    form = Drawing([0, 5, 10], 0, 10, "x", "y", [Straight(), Slope(), Height([0])])
    right, bent = ([0, 5, 10], [0, 9, 10])
    assert form.compare(bent, right) == (
        "Right in your drawing: how steep it is from 0 to 10; how high it is at 0. "
        "Not right: from 0 to 10 it is straight, and yours bends downwards."
    )
    assert form.compare([9, 9, 9], bent).startswith("Right in your drawing: straight")


# Checks and quizzes ---------------------------------------------------------------------------


def test_buttons_beside_a_verdict_bring_hints_and_the_solution(shown):
    for answer, look in (((..., 11), "neither"), ((-12, 11), "right"), ((1, 1), "wrong")):
        check.one_unit(*answer)._ipython_display_()
        assert shown[-1].look == look
    assert list(shown[-1].buttons) == ["hint", "solution"]
    for number, name in enumerate(("hint", "solution", "solution", "nonsense")):
        shown[-1].pressed = {"name": name, "presses": number}
    assert "my_slope" in shown[-1].more["code"]


def test_a_question_is_answered_until_it_is_right():
    ask = quiz.Question("03", "one", "Which?", "b", {"a": "No bend.", "b": "A line."}).ask()
    assert say(ask, "keep", "a")["told"] == "Not so: No bend."
    assert say(ask, "change")["open"]
    now = say(ask, "keep", "b")
    assert (now["told"], now["change"], now["open"]) == ("Right: A line.", False, False)
    with pytest.raises(InputError, match="one of the choices"):
        quiz.Question("03", "one", "Which?", "c", {"a": "", "b": ""})


# Asked again ----------------------------------------------------------------------------------


def keep(name, **said):
    """Keep an answer to a prediction that the reader was sure of, and wrong about."""
    one = predict.declared()[name]
    given = one.form.options[0] if isinstance(one.form, Choice) else truth_of(name)
    shaky = {"answer": given, "sure": True, "right": False, "told": "No."}
    store.keep(store.Answer(one.lesson, "prediction", name, shaky | said))


def again(lesson):
    """Return what the quiz of a notebook asks again."""
    return [one.ask() for one in quiz.earlier(lesson)]


def test_a_prediction_sure_and_wrong_is_asked_again_in_later_notebooks_until_it_is_right(shown):
    keep("two_as_one")  # of 03
    assert again("03_linear_collapse") == again("02_squaring") == []
    quiz.declared()["activations"]()
    assert len(shown) == 4
    ask = shown[-1]
    number = "03_linear_collapse"[:2]
    assert ask.question.startswith(f"Once more, from notebook {number}: ")
    assert ask.now["open"]
    assert not ask.asks_sure
    truth, options = truth_of("two_as_one"), predict.declared()["two_as_one"].form.options
    now = say(ask, "keep", next(option for option in options if option != truth))
    assert (now["look"], now["change"], now["open"]) == ("wrong", True, False)
    assert truth in now["told"]
    assert "Shaky" in overview.report()
    assert say(ask, "change")["open"]
    assert (say(ask, "keep", truth)["look"], ask.now["change"]) == ("right", False)
    assert again("05_input_scale") == []
    assert "Shaky" not in overview.report()


@pytest.mark.parametrize("said", [{"sure": False}, {"right": True}, {"late": True}, {"sure": 0, "right": []}])
def test_what_is_not_shaky_is_not_asked_again(said):
    keep("two_as_one", **said)
    assert again("05_input_scale") == []


def test_every_prediction_can_be_asked_again_and_its_truth_is_right():
    for name, one in predict.declared().items():
        assert re.search(r"\?$|^Draw .*\.$", one.question), name  # a whole sentence, wherever it stands
        store.forget()
        keep(name)
        [ask] = again("99")
        now = say(ask, "keep", "many" if isinstance(one.form, forms.Number) else None)
        assert now["fault"]
        assert now["open"]
        assert say(ask, "keep", truth_of(name))["look"] == "right", name
        assert (ask.now["truth"] is not None) == isinstance(one.form, forms.Drawing)
        assert again("99") == []


def test_a_number_asked_again_is_shown_as_it_was_typed():
    keep("eight_pieces_leave", answer=1.0)
    [ask] = again("05_input_scale")
    now = say(ask, "keep", " about 1.2k ")
    assert now["kept"] == "You answered: about 1.2k."
    assert now["told"].startswith("You said about 1.2k")


def test_a_quiz_question_missed_is_asked_afresh_and_no_more_than_a_few_are():
    missed = [*quiz.declared()["activations"].questions[:2], quiz.declared()["input_scale"].questions[0]]
    for question in missed:
        wrong = next(option for option in question.choices if option != question.right)
        say(question.ask(), "keep", wrong)
    assert len(again("08_extrapolation")) == quiz.MOST == 2
    first, second = again("05_input_scale")
    assert first.now["open"]
    assert say(first, "keep", missed[0].right)["told"].startswith("Right")
    assert [ask.question for ask in again("05_input_scale")] == [second.question]


# Progress -------------------------------------------------------------------------------------


def test_progress_counts_and_forgets():
    before = overview.report()
    keep("two_as_one")
    panel = overview.progress()
    assert "1 of" in overview.report()
    assert "Shaky" in overview.report()
    lesson = "03_linear_collapse"
    assert f'<li><a href="{lesson}.ipynb#cell-id={lesson[:2]}-' in overview.report()
    panel.emptied = 1
    assert overview.report() == before
    assert store.kept() == []


def test_an_exercise_is_shaky_from_its_third_wrong_try_and_never_again_once_it_is_solved():
    one = check.declared()["one_unit"]
    store.keep(store.Answer("01_summation", "quiz", "summation_1", {"answer": "", "right": True}))
    tries = [False, False, False, True, False, False, False]
    for number, right in enumerate(tries, 1):
        store.keep(store.Answer(one.lesson, "exercise", one.name, {"right": right, "try": ""}))
        assert ("Shaky" in overview.report()) is (number == check.TRIES)
    assert "1 of" in overview.report()


def test_each_entry_is_linked_to_the_cell_that_asks_it():
    stored = {path.name: nbformat.read(path, 4).cells for path in map(build.target, lessons.names())}
    asked = overview.everything()
    assert len(asked) == len(predict.declared()) + len(check.declared()) + 3 * len(quiz.declared())
    for key, title in asked.items():
        file, cell = re.match(r'<a href="([^"#]+)#cell-id=([^"]+)">', overview.link(*key, title)).groups()
        [asks] = [one for one in stored[file] if one.id == cell]
        room = {"prediction": "predict", "exercise": "check", "quiz": "quiz"}[key[0]]
        name = key[1][3:] if room == "quiz" else key[2]
        assert f"{room}.{name}(" in asks.source
