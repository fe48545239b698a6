"""What a lesson asks, from its stored notebook: no kernel and no TensorFlow is needed.

The notebook keeps each question with its form, the lesson's `truths.json` what happened to it.
"""

import base64
import dataclasses
import io
import json
import re
from functools import cache, lru_cache

from helpers import lessons
from helpers.checks import InputError
from helpers.practice import features, forms, quiz

import mistune

NOTEBOOKS = lessons.FOLDER.parent / "notebooks"
VIEW, STATE = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
ASKS = re.compile(r"^(predict|quiz)\.(\w+)\(\)", re.MULTILINE)
# Behind one of these, another subject begins.
ENDS = re.compile(r"^(check\.\w+\(|predict\.\w+\.reveal\(|explore\.)", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Question:
    """A question as a class sees it.

    spec: the form, as forms.spec returns it; before: what stands before it, as mistune's tokens; truth, told:
    what happened, None and "" where another notebook tells it; pictures: the lesson's own, {"src", "alt"};
    meanings: what each choice of a quiz is told; features: what a drawing is judged by, as JSON.
    """

    name: str
    text: str
    spec: dict
    asks_sure: bool
    before: list
    truth: object
    told: str
    pictures: list
    meanings: dict
    features: list

    @property
    def form(self) -> forms.Form:
        """Return the form, which reads and judges answers."""
        return forms.from_spec(self.spec, features.read(self.features))


def titles() -> dict[str, str]:
    """Return the lessons that ask anything, with their titles: "02 Squaring"."""
    return {lesson: f"{lesson[:2]} {lesson[3:].replace('_', ' ').capitalize()}" for lesson in lessons.names()}


def of(lesson: str) -> list[Question]:
    """Return a lesson's questions in their order, or raise InputError where its notebook is not stored."""
    lesson = lessons.named(lesson)
    path = NOTEBOOKS / f"{lesson}.ipynb"
    try:
        return _of(lesson, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"expected the stored notebook {path}, but it cannot be read ({type(error).__name__}): "
            "run `make class` in the course's folder, or make it with `make notebooks`."
        ) from error


@lru_cache(maxsize=20)
def _of(lesson: str, _changed: int) -> list[Question]:
    notebook = json.loads((NOTEBOOKS / f"{lesson}.ipynb").read_text("utf-8"))
    widgets = notebook["metadata"]["widgets"][STATE]["state"]
    truths = json.loads((lessons.FOLDER / lesson / "truths.json").read_text("utf-8"))
    pictures = {cell["id"]: _pictures(cell) for cell in notebook["cells"]}
    found: list[Question] = []
    before: list[str] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            before = [*([] if source.startswith("#") else before), source]
            continue
        asks = ASKS.search(source)
        asked = [widgets[view["model_id"]]["state"] for view, _ in _shown(cell, VIEW)]
        for n, state in enumerate(asked if asks else [], 1):
            name = asks[2] if asks[1] == "predict" else f"{asks[2]}_{n}"
            happened, meanings = truths.get(name, {"truth": None, "told": "", "cell": None}), {}
            if asks[1] == "quiz":
                before, one = [], quiz.declared()[asks[2]].questions[n - 1]
                happened, meanings = {"truth": one.right, "told": one.choices[one.right]}, one.choices
            about = (state["question"], state["form"], state["asks_sure"], _tokens("\n\n".join(before)))
            seen = pictures.get(happened.get("cell"), [])
            about += (happened["truth"], happened["told"], seen, meanings, happened.get("features", []))
            found.append(Question(name, *about))
        if asks or ENDS.search(source):
            before = []
    return found


def _shown(cell: dict, kind: str) -> list[tuple[object, dict]]:
    """Return what a cell shows of a kind, and what is said of it."""
    outputs = [output for output in cell.get("outputs", ()) if kind in output.get("data", {})]
    return [(output["data"][kind], output.get("metadata", {}).get(kind, {})) for output in outputs]


def _pictures(cell: dict) -> list[dict[str, str]]:
    shown = [("".join(data).replace("\n", ""), about) for data, about in _shown(cell, "image/png")]
    return [{"src": f"data:image/png;base64,{data}", "alt": about.get("alt", "")} for data, about in shown]


def _tokens(text: str) -> list[dict]:
    """Return Markdown as tokens, {"type", "raw" or "children"}, with its formulas drawn."""
    tokens = mistune.create_markdown(renderer="ast", plugins=["math", "table"])(text)
    waiting = [*tokens]
    while waiting:
        token = waiting.pop()
        waiting += token.get("children", [])
        if token["type"].endswith("_math"):
            token["src"] = formula(token["raw"])
    return tokens


@cache
def formula(tex: str) -> str:
    """Return a formula as the address of a picture, "" where Matplotlib cannot draw it."""
    from matplotlib import mathtext

    plain = re.sub(r"\\t?frac(\d)(\d)", r"\\frac{\1}{\2}", tex.strip())
    drawn = io.BytesIO()
    try:
        mathtext.math_to_image(f"${plain}$", drawn, format="svg")
    except ValueError:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()
