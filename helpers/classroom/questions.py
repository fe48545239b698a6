"""The questions of a lesson, from its stored notebook: this needs no kernel and no TensorFlow.

The notebook has each question with its form; what happened is in the lesson's `truths.json`, and what is
right of a quiz in its `quiz.toml`.
"""

import dataclasses
import json
import re
from functools import cache, partial

from helpers import lessons
from helpers.practice import features, forms, quiz

import mistune
from latex2mathml.converter import convert

NOTEBOOKS = lessons.FOLDER.parent / "notebooks"
VIEW, STATE = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
ASKS = re.compile(r"^(predict|quiz)\.(\w+)\(\)", re.MULTILINE)
# After one of these, another subject begins.
ENDS = re.compile(r"^(check\.\w+\(|predict\.\w+\.reveal\(|explore\.)", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Question:
    """A question as a class sees it.

    spec: the form, from forms.spec; before: the text above it, as HTML; pictures: {"src", "alt"} of what
    happened; truth, told: what happened, or None and "" where only another notebook shows it; meanings: the
    feedback on each choice; features: what a drawing is judged by, as JSON.
    """

    name: str
    text: str
    spec: dict
    asks_sure: bool
    before: str
    pictures: list
    truth: object = None
    told: str = ""
    meanings: dict = dataclasses.field(default_factory=dict)
    features: list = dataclasses.field(default_factory=list)

    @property
    def form(self) -> forms.Form:
        """Return the form, which reads and judges answers."""
        return forms.from_spec(self.spec, features.read(self.features))


def titles() -> dict[str, str]:
    """Return the lessons whose notebooks are stored, with their titles: "02 Squaring"."""
    stored = [lesson for lesson in lessons.names() if (NOTEBOOKS / f"{lesson}.ipynb").exists()]
    return {lesson: lessons.title(lesson) for lesson in stored}


@cache
def of(lesson: str) -> list[Question]:
    """Return the questions of one of these lessons in their order."""
    notebook = json.loads((NOTEBOOKS / f"{lesson}.ipynb").read_text("utf-8"))
    truths = lessons.stored(lesson, "truths")
    widgets = notebook["metadata"]["widgets"][STATE]["state"]
    pictures = {
        cell["id"]: [
            {"src": f"data:image/png;base64,{data}", "alt": about.get("alt")} for data, about in shown
        ]
        for cell in notebook["cells"]
        if (shown := _shown(cell, "image/png"))
    }
    questions: list[Question] = []
    before: list[str] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            before = [*([] if source.startswith("#") else before), source]
            continue
        call = ASKS.search(source)
        states = [widgets[view["model_id"]]["state"] for view, _ in _shown(cell, VIEW)]
        for n, state in enumerate(states if call else [], 1):
            name = call[2] if call[1] == "predict" else f"{call[2]}_{n}"
            happened = truths.get(name, {})
            if call[1] == "quiz":
                before, one = [], quiz.declared()[call[2]].questions[n - 1]
                happened = {"truth": one.right, "told": one.choices[one.right], "meanings": one.choices}
            about = (state["question"], state["form"], state["asks_sure"], slide("\n\n".join(before)))
            questions.append(Question(name, *about, pictures.get(happened.pop("cell", None), []), **happened))
        if call or ENDS.search(source):
            before = []
    return questions


def _shown(cell: dict, kind: str) -> list[tuple[object, dict]]:
    """Return a cell's outputs of a MIME type, with their metadata."""
    outputs = [output for output in cell.get("outputs", ()) if kind in output.get("data", {})]
    return [(output["data"][kind], output.get("metadata", {}).get(kind, {})) for output in outputs]


class Slide(mistune.HTMLRenderer):
    """HTML of a slide: with formulas, without links and the lesson's own HTML."""

    block_html = inline_html = staticmethod(lambda _: "")
    link = staticmethod(lambda words, *_, **__: words)
    inline_math = staticmethod(convert)
    block_math = staticmethod(partial(convert, display="block"))


slide = mistune.create_markdown(renderer=Slide(), plugins=["math", "table"])
