"""What a teacher prints: plans add up, numbers have names, keys are right, handouts tell no answer."""

import io
import re
import shutil
import tomllib

from helpers import closed_forms, lessons, networks, words
from helpers.classroom import questions
from helpers.practice import numbers, predict
from lessons import build
from lessons.lesson import Malformed
from lessons.teaching import concepts, pack

import numpy as np
import pytest
from test_lessons import digits

# What a plan asks without a vote: computed on paper, or kept alone.
ON_PAPER = {"above_the_unit", "two_paths", "why_these_answers"}
BOTH = [*zip(concepts.BEFORE, concepts.AFTER, strict=True)]


def texts(value):
    """All texts of a guide but answers and names, which are code."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for each in inside for text in texts(each)]


@pytest.mark.parametrize("lesson", lessons.names())
def test_every_notebook_has_a_guide_whose_numbers_are_names(lesson):
    raw = tomllib.loads((lessons.FOLDER / lesson / "guide.toml").read_text("utf-8"))
    raw["says"] = {name: why for name, (_, why) in raw["says"].items()}
    choices = [option for name in raw["votes"] for option in options(predict.declared()[name])]
    for text in texts(raw):
        for choice in choices:
            text = text.replace(f"*{choice}*", "").replace(f"*{choice.capitalize()}*", "")
        # Words for numbers count groups, dots and minutes here, and what the class does with its hands.
        assert digits(text, lesson) == [], text
    page = pack.guide_page(lesson)
    assert "{{" not in page
    assert all(f"<h2>{heading}</h2>" in page for heading in pack.TEXTS.values())
    assert set(re.findall(r"`(\w+)`", " ".join(texts(raw["plan"])))) <= set(asked(lesson)), "unknown"
    assert raw["votes"]
    steps = [what for plan in raw["plan"] for _, what in plan]
    for step in steps:
        predictions = {*re.findall(r"`(\w+)`", step)} & predict.declared().keys()
        assert predictions <= raw["votes"].keys() | ON_PAPER, step
        if "**Vote**" in step or "**vote**" in step:
            assert predictions, step
            assert "*Reveal*" in step, "notebooks run the cell that tells only after that"
    for name, what in raw["votes"].items():
        assert "**Listen for:**" in what, name
        assert f"`{name}`" in " ".join(steps), name
    assert "stored" not in raw["machines"], "without machines there is no stored notebook"


@pytest.mark.parametrize("lesson", lessons.names())
def test_a_guide_names_what_the_class_page_has(lesson):
    names = [one.name for one in questions.of(lesson)]
    for name, number in pack.asked(lesson).items():
        assert number == f" (question {names.index(name) + 1})"
    page = (lessons.FOLDER.parent / "helpers/classroom/teacher.js").read_text("utf-8")
    clicks = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", pack.SCREEN.replace("\n", " "))
    assert len(clicks) >= 6
    for click in clicks:
        assert f'"{click}"' in page, click


def options(prediction):
    return getattr(prediction.form, "options", [])


def asked(lesson):
    """Everything that a notebook asks, by name."""
    code = "\n".join(cell.source for cell in build.read(lesson).cells if cell.cell_type == "code")
    return {*re.findall(r"^(?:predict|check|explore)\.(\w+)\(", code, re.MULTILINE), "train"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[5, ", "[6, ", "a plan of 51 minutes"),
        ("below_the_floor =", "below_the_flor =", "below_the_flor does not fit"),
        ("{{ start_here }}", "{{ start_hear }}", "start_hear"),
        ("board =", "bord =", "does not fit"),
        ('"4, -5, 1"', '"4, -5, 2"', "small_line does not fit"),
    ],
)
def test_a_guide_that_does_not_fit_is_refused(tmp_path, monkeypatch, old, new, problem):
    lesson = "02_squaring"
    folder = shutil.copytree(lessons.FOLDER, tmp_path / "lessons", dirs_exist_ok=True) / lesson
    text = (folder / "guide.toml").read_text("utf-8")
    assert old in text
    (folder / "guide.toml").write_text(text.replace(old, new, 1), "utf-8")
    monkeypatch.setattr(lessons, "FOLDER", folder.parent)
    with pytest.raises(Malformed, match=problem):
        pack.guide(lesson)


@pytest.mark.parametrize("lesson", lessons.names())
def test_a_handout_asks_all_and_tells_nothing(lesson):
    page = pack.handout_page(lesson)
    own = [one for one in predict.declared().values() if one.lesson == lesson]
    asks = [one.question for one in own]
    assert page.count('class="question"') >= len(asks) + 3
    for name, truth in build.stored_truths(lesson).items():
        sentence = truth["told"].split(". ", 1)[-1]
        assert sentence not in page, name


def test_the_pack_is_the_same_every_time_and_needs_nothing_from_anywhere():
    made = pack.pages()
    assert made == pack.pages()
    for name, text in made.items():
        assert not re.search(r"(src|href)=|url\(|@import|<script", text), name
        assert text.startswith("<!DOCTYPE html>")
    first, second = io.BytesIO(), io.BytesIO()
    pack.notebooks_zip(first)
    pack.notebooks_zip(second)
    assert first.getvalue() == second.getvalue()


@pytest.mark.parametrize(("before", "after"), BOTH)
def test_each_concept_is_asked_twice_with_other_numbers(before, after):
    assert before.lesson == after.lesson
    assert before.text != after.text
    for one in (before, after):
        assert one.right in one.choices
        assert len(one.choices) >= 3
        assert lessons.named(one.lesson)


def test_the_right_choices_stand_in_different_places():
    for asked in (concepts.BEFORE, concepts.AFTER):
        assert len({one.choices.index(one.right) for one in asked}) >= 3


def test_keys_are_what_networks_do():
    """Each key once more, by the network itself or by a search."""
    assert concepts.parameters(3, 10).right == words.number(networks.stack([10, 1], inputs=3).count_params())
    x = np.linspace(-9, 9, 1801)
    two = networks.stack([1, 1])
    two.set_weights([np.array(v) for v in ([[2]], [3], [[4]], [1])])
    weights, bias = networks.collapse(two)
    assert concepts.collapse(2, 3, 4, 1).right == concepts.line(float(weights[0, 0]), float(bias[0]))
    rises = x[np.maximum(2 * x - 6, 0) > 0].min()
    assert numbers.read(concepts.kink(2, -6).right.removeprefix("at x = ")) == pytest.approx(rises, abs=0.02)
    share = closed_forms.pieces_floor(1000, 8) / closed_forms.pieces_floor(1000, 4)
    assert numbers.read(concepts.pieces(4, 80).right) == pytest.approx(80 * share, abs=0.5)
    z = np.arange(1, 1001)
    on = z[0.5 * z / 1000 - 0.001 > 0].min()
    assert abs(numbers.read(concepts.first_step(1000, 0.5, 0.001).right) - on) <= 1
    assert concepts.two_ways_to_fail(300, 20, 50).right == "it failed to train"
    assert concepts.two_ways_to_fail(62, 60, 25).right == "it cannot represent the answer"
    assert concepts.pairs([1, 9], [2, 8]).right.endswith("1 of 2 pairs")
    straight = np.polyval(np.polyfit([50, 60], [2480, 3400], 1), 100)
    assert numbers.read(concepts.beyond(50, 2480, 60, 3400, 100).right) == pytest.approx(straight)
