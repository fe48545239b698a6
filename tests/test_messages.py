"""Whatever a page sends, it gets one sentence back, nothing is kept, and nothing fails in the kernel."""

from helpers.practice import check, forms, overview, predict, quiz, store
from helpers.practice.predict import Prediction

import pytest
from support import is_one_sentence
from test_panels import CONTROLS, line, panel_of

pytestmark = pytest.mark.usefixtures("answers")
HUGE = 10**400
LONG = ["about" + " " * 10**5 + "x", "~" * 10**5, "1," * 10**4, "9" * 10**4]
BAD = [
    None, True, 7, HUGE, -HUGE, float("nan"), float("inf"), 1e308, "", "\ud800", "<b>", *LONG,
    [], [None], [[1]], [HUGE] * 3, [float("nan")] * 3, ["1", "2", "3"], [True, False, True],
    [1e308, -1e308, 0], [1, 2], {}, {"answer": 3}, [{}] * 3, [0] * 10**5,
]  # fmt: skip
FORMS = [
    (forms.Choice(["up", "down"]), "up"),
    (forms.Number("epochs"), "7 epochs"),
    (forms.Drawing([0, 1, 2], 0, 10, "x", "y", features=[]), [1, 2, 3]),
]
NUMBERS = [7, 1e308]  # of BAD, for a number
every_bad_value = pytest.mark.parametrize("bad", BAD, ids=lambda bad: repr(bad)[:20])


@every_bad_value
def test_a_prediction_keeps_no_answer_that_it_cannot_read(bad):
    for form, good in FORMS:
        ask = Prediction("01_summation", "one", "Which?", form, lambda x: (x, ""))()
        keeps = [{"do": "keep", "answer": bad, "turn": 1}]
        if isinstance(form, forms.Number) and bad in NUMBERS:
            keeps = []
        for said in [*keeps, {"do": bad, "turn": 2}, {"answer": bad, "turn": 3}, bad]:
            ask.set_state({"message": said})
            assert is_one_sentence(ask.now["fault"])
            assert not isinstance(said, dict) or ask.now["turn"] == said.get("turn")
        assert store.kept() == []
        ask.set_state({"message": {"do": "keep", "answer": good, "sure": True, "turn": 9}})
        assert ask.now["fault"] == ""
        assert len(store.kept()) == 1
        store.forget()


@every_bad_value
def test_quizzes_verdicts_and_progress_take_no_nonsense(bad):
    question = quiz.declared()["summation"].questions[0]
    ask = question.ask()
    for said in ({"do": "keep", "answer": bad}, bad):
        ask.set_state({"message": said})
        assert is_one_sentence(ask.now["fault"])
    assert store.kept() == []
    outcome = check.Outcome("wrong", "No.", {"hint": "A hint"}, check.one_unit.pressed)
    for message in ({"pressed": {"name": bad}}, {"look": bad}, {"buttons": bad}, {"pressed": bad}):
        outcome.set_state(message)
    assert outcome.look == "wrong"
    assert isinstance(bad, dict) or is_one_sentence(outcome.more["text"])
    store.keep(store.Answer("01", "exercise", "one", {"right": True}))
    shown = overview.progress()
    shown.set_state({"emptied": bad})
    assert len(store.kept()) == (bad is not True)
    if not isinstance(bad, int | float):
        assert is_one_sentence(shown.fault)


@pytest.fixture(scope="module")
def panel():
    made = panel_of(lambda **_: line(1), **CONTROLS)
    yield made
    made.close()


def settle(panel):
    with panel._change:
        assert panel._change.wait_for(lambda: panel._answered >= panel._requested, timeout=30)


@every_bad_value
def test_a_panel_shows_its_last_picture_and_one_sentence(panel, bad):
    before = panel.shown
    for name in [*CONTROLS, "none", ""]:
        if [name, bad] == ["on", True]:
            continue
        for values in (dict(before) | {name: bad}, bad):
            panel.set_state({"values": values})
            settle(panel)
            assert panel.shown == before
            assert is_one_sentence(panel.error)
            assert "fault" not in panel.error
        panel.set_state({"values": before | {"count": 5}})
        settle(panel)
        assert (panel.error, panel.shown["count"]) == ("", 5)
        before = panel.shown


def test_a_message_that_is_none_of_a_widgets(panel):
    for message in (None, [], 5, {"values": panel.values, "picture": 5}, {"layout": "IPY_MODEL_none"}):
        panel.set_state(message)
        settle(panel)
        assert is_one_sentence(panel.error), message
    for message in (None, [], 5, {"question": 5}, {"now": 5}, {"layout": "IPY_MODEL_none"}):
        ask = predict.after_one_line()
        ask.set_state(message)
        assert is_one_sentence(ask.now["fault"]), message
