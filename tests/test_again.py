"""What is shaky is linked to its cell, and asked again in a later notebook until it is right."""

import re

from helpers import lessons
from helpers.practice import forms, predict, progress, quiz, store
from lessons import build

import nbformat
import pytest
from test_features import truth_of
from test_predict import say

pytestmark = pytest.mark.usefixtures("answers")
SHAKY = {"sure": True, "right": False, "told": "No."}


def keep(name, **said):
    one = predict.declared()[name]
    given = one.form.options[0] if hasattr(one.form, "options") else truth_of(name)
    store.keep(store.Answer(one.lesson, "prediction", name, {"answer": given} | SHAKY | said))


def again(lesson):
    """What the quiz of a notebook asks again."""
    return [one.ask() for one in quiz.earlier(lesson)]


def test_a_prediction_sure_and_wrong_is_asked_again_in_later_notebooks_until_it_is_right():
    keep("two_as_one")  # of 03
    assert again("03_linear_collapse") == again("02_squaring") == []
    [ask] = again("04_activations")
    assert ask.question.startswith("Once more, from notebook 03: ")
    assert ask.now["open"]
    assert not ask.asks_sure
    truth, options = truth_of("two_as_one"), predict.declared()["two_as_one"].form.options
    now = say(ask, "keep", next(option for option in options if option != truth))
    assert (now["look"], now["change"], now["open"]) == ("wrong", True, False)
    assert truth in now["told"]
    assert "Shaky" in progress.report()
    assert say(ask, "change")["open"]
    assert (say(ask, "keep", truth)["look"], ask.now["change"]) == ("right", False)
    assert again("05_input_scale") == []
    assert "Shaky" not in progress.report()


@pytest.mark.parametrize(
    "said", [{"sure": False}, {"right": True}, {"late": True}, {"sure": "", "right": []}]
)
def test_what_is_not_shaky_is_not_asked_again(said):
    keep("two_as_one", **said)
    assert again("05_input_scale") == []


def test_every_prediction_can_be_asked_again_and_its_truth_is_right():
    for name, one in predict.declared().items():
        store.forget()
        keep(name)
        asks = again("99")
        [ask] = asks
        now = say(ask, "keep", "many" if isinstance(one.form, forms.Number) else None)
        assert now["fault"]
        assert now["open"]
        assert say(ask, "keep", truth_of(name))["look"] == "right", name
        assert (ask.now["truth"] is not None) == isinstance(one.form, forms.Drawing)
        assert again("99") == []


def test_a_quiz_question_missed_is_asked_afresh_and_no_more_than_a_few_are():
    for name in ("activations_1", "activations_2", "input_scale_1"):
        question = next(one for of in quiz.declared().values() for one in of.questions if one.name == name)
        wrong = next(option for option in question.choices if option != question.right)
        say(question.ask(), "keep", wrong)
    assert len(again("08_extrapolation")) == quiz.MOST == 2
    first, _ = again("05_input_scale")
    assert first.now["open"]
    question = quiz.declared()["activations"].questions[0]
    assert say(first, "keep", question.right)["told"].startswith("Right")
    assert [ask.question for ask in again("05_input_scale")] != [first.question]
    assert len(again("05_input_scale")) == 1


def test_a_quiz_shows_them_behind_its_own(monkeypatch):
    shown = []
    monkeypatch.setattr(quiz, "display", shown.append)
    quiz.declared()["activations"]()
    assert len(shown) == 3
    keep("two_as_one")
    quiz.declared()["activations"]()
    assert "Once more" in shown[-1].question


def test_each_entry_is_linked_to_the_cell_that_asks_it():
    stored = {path.name: nbformat.read(path, 4).cells for path in map(build.target, lessons.names())}
    for key, title in progress.asked().items():
        file, cell = re.match(r'<a href="([^"#]+)#cell-id=([^"]+)">', progress.link(*key, title)).groups()
        [asks] = [one for one in stored[file] if one.id == cell]
        room = {"prediction": "predict", "exercise": "check", "quiz": "quiz"}[key[0]]
        name = key[1][3:] if room == "quiz" else key[2]
        assert f"{room}.{name}(" in asks.source
    keep("two_as_one")
    assert '<li><a href="03_linear_collapse.ipynb#cell-id=03-' in progress.report()


def test_without_stored_notebooks_there_are_no_links(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "FOLDER", tmp_path / "lessons")
    progress.cells.cache_clear()
    keep("two_as_one")
    assert "<a" not in progress.report()
    assert "<li>03: " in progress.report()
    progress.cells.cache_clear()


def test_no_entry_is_a_fragment():
    for one in predict.declared().values():
        assert re.search(r"\?$|^Draw .*\.$", one.question), one.name
    questions = [one.text for of in quiz.declared().values() for one in of.questions]
    assert all(text.endswith("?") for text in questions)


def test_a_drawing_with_an_earlier_number_of_points_stays_kept_and_is_asked_anew():
    said = {"answer": [0, 0.5, 1, 0.5, 0, 0.5, 1, 0.5, 0]} | SHAKY
    store.keep(store.Answer("07_width_and_depth", "prediction", "tent_of_a_tent", said))
    ask = predict.tent_of_a_tent()
    assert ask.now["open"]
    assert ask.now["fault"] == store.UNFIT
    assert "answer anew" in progress.report()
    assert [answer.said for answer in store.kept()] == [said]


def test_a_number_asked_again_is_shown_as_it_was_typed():
    keep("eight_pieces_leave", answer=1.0)
    [ask] = again("05_input_scale")
    now = say(ask, "keep", " about 1.2k ")
    assert now["kept"] == "You answered: about 1.2k."
    assert now["told"].startswith("You said about 1.2k")
