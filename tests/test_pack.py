"""What a teacher prints: plans add up, numbers have names, keys are right, handouts give no answer away."""

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


def texts(value):
    """All texts of a guide but answers and names, which are code."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for each in inside for text in texts(each)]


@pytest.mark.parametrize("lesson", lessons.names())
def test_no_number_of_a_guide_is_typed_and_its_page_is_whole(lesson):
    raw = tomllib.loads((lessons.FOLDER / lesson / "guide.toml").read_text("utf-8"))
    raw["says"] = {name: why for name, (_, why) in raw["says"].items()}
    forms = [predict.declared()[name].form for name in raw["votes"]]
    choices = [option for form in forms for option in getattr(form, "options", [])]
    choices += [choice.capitalize() for choice in choices]
    for text in texts(raw):
        for choice in choices:
            text = text.replace(f"*{choice}*", "")
        # Words for numbers count groups, dots and minutes here, and what the class does with its hands.
        assert digits(text, lesson) == [], text
    page = pack.guide_page(lesson)
    assert "{{" not in page
    assert all(f"<h2>{heading}</h2>" in page for heading in pack.TEXTS.values())
    assert "stored" not in raw["machines"], "without machines there is no stored notebook"


@pytest.mark.parametrize("lesson", lessons.names())
def test_a_plan_names_what_the_notebook_asks_and_votes_before_it_reveals(lesson):
    made = pack.guide(lesson)
    code = "\n".join(cell.source for cell in build.read(lesson).cells if cell.cell_type == "code")
    asked = {*re.findall(r"^(?:predict|check|explore)\.(\w+)\(", code, re.MULTILINE), "train"}
    steps = [what for plan in made["plan"] for _, what in plan]
    named = [{*re.findall(r"`(\w+)`", step)} for step in steps]
    assert set().union(*named) <= asked
    for step, names in zip(steps, named, strict=True):
        predictions = names & predict.declared().keys()
        assert predictions <= made["votes"].keys() | ON_PAPER, step
        assert ("**vote**" not in step.lower()) or (predictions and "*Reveal*" in step), step
    assert made["votes"]
    assert made["votes"].keys() <= set().union(*named)
    assert all("**Listen for:**" in what for what in made["votes"].values())
    names = [one.name for one in questions.of(lesson)]
    assert pack.question_numbers(lesson)
    assert all(f" (question {names.index(n) + 1})" == at for n, at in pack.question_numbers(lesson).items())


def test_a_guide_names_the_buttons_of_the_teachers_page():
    page = (lessons.FOLDER.parent / "helpers/classroom/teacher.js").read_text("utf-8")
    clicks = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", pack.SCREEN.replace("\n", " "))
    assert len(clicks) >= 6
    assert [click for click in clicks if f'"{click}"' not in page] == []


@pytest.mark.parametrize(("old", "new", "problem"), [
    ("[5, ", "[6, ", "a plan of 51 minutes"),
    ("below_the_floor =", "below_the_flor =", "below_the_flor does not fit"),
    ("{{ start_here }}", "{{ start_hear }}", "start_hear"),
    ("board =", "bord =", "does not fit"),
    ("[says]", "[said]", "sai.* does not fit"),
    ("board = ", "board ", "expected TOML, but got .* line"),
    ('"4, -5, 1"', '"4, -5, 2"', "small_line does not fit"),
])  # fmt: skip
def test_a_guide_that_does_not_fit_is_refused(tmp_path, monkeypatch, old, new, problem):
    lesson = "02_squaring"
    folder = shutil.copytree(lessons.FOLDER, tmp_path / "lessons") / lesson
    text = (folder / "guide.toml").read_text("utf-8")
    assert old in text
    (folder / "guide.toml").write_text(text.replace(old, new, 1), "utf-8")
    monkeypatch.setattr(lessons, "FOLDER", folder.parent)
    with pytest.raises(Malformed, match=problem):
        pack.guide(lesson)


@pytest.mark.parametrize("lesson", lessons.names())
def test_a_handout_asks_everything_and_gives_no_answer_away(lesson):
    page = pack.handout_page(lesson)
    own = [one for one in predict.declared().values() if one.lesson == lesson]
    assert page.count('class="question"') >= len(own) + 3
    for name, truth in lessons.stored(lesson, "truths").items():
        assert truth["told"].split(". ", 1)[-1] not in page, name


def test_the_pack_is_the_same_every_time_and_needs_no_other_file():
    made = pack.pages()
    assert made == pack.pages()
    for name, text in made.items():
        assert not re.search(r"(src|href)=|url\(|@import|<script", text), name
        assert text.startswith("<!DOCTYPE html>")
    first, second = io.BytesIO(), io.BytesIO()
    pack.notebooks_zip(first)
    pack.notebooks_zip(second)
    assert first.getvalue() == second.getvalue()


def test_each_concept_is_asked_twice_with_other_numbers():
    for before, after in zip(concepts.BEFORE, concepts.AFTER, strict=True):
        assert before.lesson == after.lesson
        assert before.text != after.text
    for asked in (concepts.BEFORE, concepts.AFTER):
        assert all(one.right in one.choices and len(one.choices) >= 3 for one in asked)
        assert len({one.choices.index(one.right) for one in asked}) >= 3


def test_keys_are_what_networks_do():
    """Compute each key again, with the network itself or by a search."""
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
