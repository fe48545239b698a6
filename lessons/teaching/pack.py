"""Handouts for teachers to print, made from the lessons in dist/pack/: `make pack`.

guides/     two printed pages a notebook, from the lesson's guide.toml
handouts/   each notebook's questions on paper, without answers
before.html, after.html, keys.html   the test before and after the course, from concepts.py
notebooks.zip   the notebooks for learners: no outputs, and answers are folded

The same bytes on every machine. The pages are self-contained, and print on A4 and Letter.
"""

import ast
import html
import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from helpers import lessons, words
from helpers.checks import InputError
from helpers.practice import check, forms, predict, quiz
from helpers.question import rows
from lessons import build, learner
from lessons.lesson import NAME, Malformed, line_of
from lessons.teaching import concepts

import mistune
import numpy as np

OUT = build.ROOT / "dist" / "pack"
STYLE = Path(__file__).with_name("print.css")
LESSON = 50  # minutes of a lesson at school
# The texts in guide.toml, and their headings.
TEXTS = {
    "before": "Before the lesson",
    "board": "On the board",
    "short": "When time runs short",
    "machines": "When the machines fail",
}
# For every lesson.
READY = """
Have ready: the page of `make class` on the projector, this notebook open on your own machine, a notebook or a
phone for each learner or pair (or raised hands), and a printed handout for everybody.
"""
# The labels of the teacher's page are between asterisks.
SCREEN = """
`make class` opens the page for the projector, where you choose this notebook; learners join with the
address or the QR code on it, notebooks with the line below it. *Next* (Page Down; a long screen scrolls
first) brings a question and clears the clock. After the predictions come the questions of the quiz. Under
*Class* you choose any question by its name.

**To vote:** everybody answers alone, and *Show the split (S)* closes the vote. Neighbours argue, with
*Clock: 1 minute more (C)*. Then *Vote again (V)* and *Show the split (S)*, which shows both votes, and
*Reveal (R)*. **Nobody runs the notebook's next cell before that:** it tells the answer and closes the
prediction. “Once” in a plan means no second vote. What a notebook has kept counts in the second vote, until
its owner presses “Change my mind” and keeps another answer; phones answer again. What was kept before
joining is sent only when it is kept again. For another group, press *A new class* first.

**Without devices:** type what you count under *Raised hands* and press *Take these counts*. Ask each
question by show of hands or on devices, not both. Curves are drawn on the handout's grid.

**Notebooks** run every cell in its order. “Run All Above Selected Cell”, in the menu Run, does it up to a
question. Run also what you leave out, as later cells need it. A cell that trains takes up to a minute.
"""
markdown = mistune.create_markdown(plugins=["table"])  # escapes HTML


def guide(lesson: str) -> dict:
    """Return a lesson's guide.toml, with names replaced by values in its texts.

    It has a plan for each lesson at school: [minutes, what] for each step; votes: {prediction: what to
    discuss, and what to listen for}; says: {exercise: [a wrong answer of answers.toml, why somebody gives
    it]}; and TEXTS.

    Raises Malformed for a missing part, for minutes that do not add up, and for an unknown name.
    """
    path = lessons.FOLDER / lesson / "guide.toml"
    if not path.exists():
        raise Malformed(lesson, 1, "expected it, as in lessons/template, but there is none", path.name)
    text = path.read_text("utf-8")
    names = build.known_names(build.read(lesson)) | {"thread_points": thread_points}

    def replacement(match: re.Match) -> str:
        try:
            return build.value(match[1], names, lesson)
        except ValueError as error:
            raise Malformed(lesson, line_of(text, match.start()), str(error), path.name) from error

    try:
        made = tomllib.loads(NAME.sub(replacement, text))
    except tomllib.TOMLDecodeError as error:
        raise Malformed(lesson, 1, f"expected TOML, but got {error}", path.name) from None
    own = {name for name, one in predict.declared().items() if one.lesson == lesson}
    for problem in (
        {"plan", "votes", "says", *TEXTS} ^ made.keys(),
        [f"a plan of {total} minutes" for total in map(minutes, made.get("plan", [])) if total != LESSON],
        made.get("votes", {}).keys() - own,
        [name for name, (answer, _) in made.get("says", {}).items() if not feedback(lesson, name, answer)],
    ):
        if problem:
            what = f"{', '.join(map(str, problem))} does not fit: see lessons/teaching/pack.py"
            raise Malformed(lesson, 1, what, path.name)
    return made


def thread_points() -> str:
    """Return every third of the thread's printed squares, by input: the input and the prediction."""
    expected, predicted = rows("square")
    pairs = sorted(zip(np.sqrt(expected), predicted, strict=True))[::3]
    return "; ".join(f"{words.number(round(x))} → {words.number(round(answer))}" for x, answer in pairs)


def minutes(plan: Iterable[tuple[int, str]]) -> int:
    """Return the total minutes of a plan."""
    return sum(each for each, _ in plan)


def feedback(lesson: str, exercise: str, answer: str) -> str:
    """Return the feedback on a wrong answer from answers.toml, "" if there is none."""
    answers = tomllib.loads((lessons.FOLDER / lesson / "answers.toml").read_text("utf-8"))
    return dict(answers.get(exercise, {}).get("wrong", [])).get(answer, "")


def guide_page(lesson: str) -> str:
    """Return a lesson's guide as a page."""
    made, parts, numbers = guide(lesson), [], question_numbers(lesson)
    for number, plan in enumerate(made["plan"], 1):
        which = f", lesson {number} of {len(made['plan'])}" if made["plan"][1:] else ""
        parts.append(f"## The plan: {LESSON} minutes{which}\n\n| minutes | what |\n| --- | --- |")
        begins = 0
        for takes, what in plan:
            what = re.sub(r"`(\w+)`", lambda name: f"{name[0]}{numbers.get(name[1], '')}", what)
            parts[-1] += f"\n| {begins}–{begins + takes} | {what} |"
            begins += takes
    parts.insert(0, section(made, "before") + READY)
    parts.append(f"## On the screen\n{SCREEN}\n## To vote on")
    before: list[str] = []
    for name, what in made["votes"].items():
        one = predict.declared()[name]
        happened = lessons.stored(lesson, "truths")[name]["told"]
        choices = list(one.form.options) if isinstance(one.form, forms.Choice) else []
        options = f" *{' / '.join(choices)}*." if choices and choices != before else ""
        parts.append(
            f"`{name}`{numbers[name]}: **{one.question}**{options} {what} **What happens:** {happened}"
        )
        before = choices
    wrong = [f"- `{answer}` — {why} *The check: “{feedback(lesson, name, answer)}…”* (exercise `{name}`)"
            for name, (answer, why) in made["says"].items()]  # fmt: skip
    solved = [f"- `{name}`: `{lines}`" for name, lines in solutions(lesson, made["plan"]).items()]
    parts += ["## Solutions", "\n".join(solved)] if solved else []
    parts += ["## What the class will say", "\n".join(wrong)] if wrong else []
    parts += [section(made, name) for name in ("board", "short", "machines")]
    return page(f"{lessons.title(lesson)}: the teacher's guide", markdown("\n\n".join(parts)), "guide")


def question_numbers(lesson: str) -> dict[str, str]:
    """Return the number of each prediction on the class's page: " (question 2)"."""
    code = "\n".join(cell.source for cell in build.read(lesson).cells if cell.cell_type == "code")
    names = re.findall(r"^predict\.(\w+)\(\)", code, re.MULTILINE)
    return {name: f" (question {number})" for number, name in enumerate(names, 1)}


def solutions(lesson: str, plan: list) -> dict[str, str]:
    """Return a one-line solution of each exercise in a lesson's plan."""
    named = re.findall(r"`(\w+)`", " ".join(what for each in plan for _, what in each))
    solved = {}
    for name, lines in build.solutions(lesson).items():
        if name in named:
            last = "\n".join(lines).strip().split("\n\n\n")[-1]  # the part after the exercise's own code
            parts = [ast.get_source_segment(last, each) for each in ast.parse(last).body]
            solved[name] = "; ".join(" ".join(part.split()) for part in parts)
    return solved


def section(made: dict, name: str) -> str:
    """Return a text of a guide under its heading."""
    return f"## {TEXTS[name]}\n\n{made[name].strip()}"


def handout_page(lesson: str) -> str:
    """Return the questions and exercises of a notebook on paper, without any answer."""
    parts, calls = [], re.compile(r"^(predict|check)\.(\w+)\(", re.MULTILINE)
    prose = ""
    for cell in build.notebook(lesson).cells:
        if cell.cell_type == "markdown":
            prose = re.split(r"\n\n(?=[^\n]*\*\*(?:Predict|Exercise)\b)", "\n\n" + cell.source)[-1]
            continue
        for kind, name in calls.findall(cell.source):
            if kind == "predict" and name in predict.declared():
                one = predict.declared()[name]
                parts.append((markdown(prose) if prose else "") + question(one.question, field(one.form)))
            elif kind == "check" and name in check.declared():
                code = re.sub(r"^check\..*", "", cell.source, flags=re.MULTILINE).strip()
                parts.append(
                    f'<div class="question">{markdown(prose)}<pre>{html.escape(code)}</pre>'
                    '<div class="room"></div></div>'
                )
            prose = ""
    parts.append("<h2>At the end</h2>")
    for one in quiz.declared()[lesson[3:]].questions:
        parts.append(question(one.text, options(one.choices)))
    return page(f"{lessons.title(lesson)}: questions", "".join(parts))


def question(text: str, room: str) -> str:
    """Return a question with space for its answer."""
    return f'<div class="question"><p>{html.escape(text)}</p>{room}</div>'


def options(choices: Iterable[str]) -> str:
    """Return choices to tick."""
    return f'<ul class="choices">{"".join(f"<li>{html.escape(each)}</li>" for each in choices)}</ul>'


def field(form: forms.Form) -> str:
    """Return space for an answer of this form: boxes to tick, a line to write on, or axes to draw in."""
    if isinstance(form, forms.Choice):
        return options(form.options)
    if isinstance(form, forms.Number):
        return f'<div class="line" aria-label="your answer {form.unit}"></div>'
    grid = "".join(
        f'<path d="M{60 + 50 * i} 10V210M60 {10 + 40 * (i % 6)}H460" stroke="#bbb"/>' for i in range(9)
    )
    low, high, first, last = (
        words.number(round(end)) for end in (form.low, form.high, form.x[0], form.x[-1])
    )
    texts = [(55, 210, "end", low), (55, 20, "end", high), (60, 228, "start", first), (460, 228, "end", last)]
    texts += [(260, 228, "middle", form.x_label), (64, 22, "start", form.y_label)]
    labels = "".join(
        f'<text x="{x}" y="{y}" text-anchor="{anchor}">{html.escape(text)}</text>'
        for x, y, anchor, text in texts
    )
    drawn = f'{grid}<path d="M60 10V210H460" fill="none" stroke="#000"/>{labels}'

    def place(x: float, height: float) -> str:
        across = (x - form.x[0]) / (form.x[-1] - form.x[0])
        up = (min(max(height, form.low), form.high) - form.low) / (form.high - form.low)
        return f"{60 + 400 * across:.0f} {210 - 200 * up:.0f}"

    for x, height in form.known.items():
        drawn += f'<path d="M{place(x, height)}h0" stroke="#000" stroke-width="9" stroke-linecap="round"/>'
    if form.ghost:
        name, heights = form.ghost
        line = "L".join(map(place, form.x, heights))
        drawn += f'<path d="M{line}" fill="none" stroke="#000" stroke-width="2" stroke-dasharray="2 6"/>'
        drawn += f'<text x="64" y="38">dotted: {html.escape(name)}</text>'
    return (
        f'<svg viewBox="-30 0 500 235" font-size="12" role="img" aria-label="axes to draw in">{drawn}</svg>'
    )


def test_page(title: str, questions: Iterable[concepts.Question]) -> str:
    """Return a test without its key."""
    parts = [
        question(f"{number}. {one.text}", options(one.choices)) for number, one in enumerate(questions, 1)
    ]
    return page(title, '<p>Name: <span class="line"></span></p>' + "".join(parts))


def keys_page() -> str:
    """Return the keys of both tests, with the notebook of each concept."""
    lines = ["| | before | after | why | notebook |", "| --- | --- | --- | --- | --- |"]
    for number, pair in enumerate(zip(concepts.BEFORE, concepts.AFTER, strict=True), 1):
        rights, one = " | ".join(each.right for each in pair), pair[0]
        lines.append(f"| {number} | {rights} | {one.why} | {lessons.named(one.lesson)[:2]} |")
    advice = "Give the one before the first notebook, the other after the last, without help."
    return page("The keys of both tests", markdown(advice + "\n\n" + "\n".join(lines)))


def page(title: str, body: str, kind: str = "") -> str:
    """Return a self-contained page; kind: its class in print.css."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>\n{STYLE.read_text('utf-8')}</style></head>\n"
        f'<body class="{kind}"><main><h1>{title}</h1>\n{body}</main></body></html>\n'
    )


def notebooks_zip(path: Path) -> None:
    """Write the learners' notebooks into one file, with fixed dates."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for lesson in lessons.names():
            own = learner.own(json.loads(build.target(lesson).read_text("utf-8")))
            entry = zipfile.ZipInfo(f"{lesson}.ipynb", (2019, 9, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, json.dumps(own, indent=1, ensure_ascii=False) + "\n")


def pages() -> dict[str, str]:
    """Return all pages of the pack by their path in it."""
    made = {f"guides/{lesson}.html": guide_page(lesson) for lesson in lessons.names()}
    made |= {f"handouts/{lesson}.html": handout_page(lesson) for lesson in lessons.names()}
    made["before.html"] = test_page("Before the course", concepts.BEFORE)
    made["after.html"] = test_page("After the course", concepts.AFTER)
    return made | {"keys.html": keys_page()}


def main() -> None:
    """Write the pack."""
    made = pages()  # complete before anything is written
    shutil.rmtree(OUT, ignore_errors=True)
    for name, text in made.items():
        (OUT / name).parent.mkdir(parents=True, exist_ok=True)
        (OUT / name).write_bytes(text.encode())
    notebooks_zip(OUT / "notebooks.zip")
    print(f"{OUT}: {len(made)} pages to print, and notebooks.zip for learners")


if __name__ == "__main__":
    try:
        main()
    except (InputError, Malformed) as error:
        raise SystemExit(str(error)) from None
