"""From the lessons and the stored notebooks to static pages in dist/site: `make site`.

A page is a lesson's present prose with the outputs of its stored notebook; nothing is executed. Its data for
site.js is embedded as JSON. The repository's address, for links that open a lesson elsewhere, is in the
README's first line; `make site ADDRESS=https://github.com/owner/course` changes it.
"""

import base64
import hashlib
import html
import json
import re
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from helpers import lessons
from helpers.page import script
from helpers.practice import check, forms, numbers, overview, predict, quiz
from lessons import build, learner
from lessons.site import views

import jinja2
import nbformat
from bs4 import BeautifulSoup
from latex2mathml.converter import convert
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

HERE = Path(__file__).parent
SITE = build.ROOT / "dist" / "site"
ADDRESS = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")
REVEALS = re.compile(r"^predict\.(\w+)\.reveal\(", re.MULTILINE)
ASKS = re.compile(r"^(predict|quiz)\.(\w+)\(\)", re.MULTILINE)
PANEL = re.compile(r"^explore\.(\w+)\(\)", re.MULTILINE)
# The code of cells that only ask or show a panel is left out.
ONLY_CALLS = re.compile(
    r"(\s*(from helpers\S* import .*|(predict|quiz|explore)\.\w+\(.*\)|progress\(\))\n?)+"
)
TITLE = "From summation to activations"
_highlighted = Highlight2HTML()


class Prose(IPythonRenderer):
    """Markdown as HTML, with formulas as MathML."""

    def block_math(self, body: str) -> str:
        """Return a displayed formula, in a box that scrolls, as formulas themselves do not in Firefox."""
        return element("div", convert(body, display="block"), class_="formula")

    def inline_math(self, body: str) -> str:
        """Return an inline formula."""
        return convert(body)


def prose(text: str) -> str:
    """Return a Markdown text as HTML."""
    return MarkdownWithMath(renderer=Prose(escape=False)).render(text)


def linked(made: str) -> str:
    """Return HTML with links to notebooks changed to their pages."""
    return re.sub(r'href="(\w+)\.ipynb', r'href="\1.html', made)


def element(tag: str, inside: str, **attributes: object) -> str:
    """Return an element as HTML; its attributes are escaped, its content is not."""
    named = (
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for name, value in attributes.items()
    )
    return f"<{tag}{''.join(named)}>{inside}</{tag}>"


class Folder:
    """The files of the site: each is written if it has changed, and others are removed."""

    def __init__(self, place: Path) -> None:
        self.place, self.files = place, set()

    def write(self, name: str, content: bytes | str) -> str:
        """Write a file and return its name."""
        path = self.place / name
        self.files.add(path)
        content = content.encode() if isinstance(content, str) else content
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return name

    def picture(self, png: str) -> tuple[str, int, int]:
        """Store a picture from base64; return its name, width and height."""
        content = base64.b64decode(png)
        name = f"pictures/{hashlib.sha256(content).hexdigest()[:16]}.png"
        return self.write(name, content), *struct.unpack(">II", content[16:24])

    def tidy(self) -> None:
        """Remove files that are not part of the site any more."""
        for path in self.place.rglob("*"):
            if path.is_file() and path not in self.files:
                path.unlink()


def cells(lesson: str) -> Iterator[tuple[nbformat.NotebookNode, list[str]]]:
    """Yield a lesson's cells with the stored outputs, and the predictions to answer before each is shown.

    Prose that gives an answer away is folded as in a learner's copy. Raises ValueError if the code differs
    from that of the stored notebook.
    """
    made, stored = build.notebook(lesson, page=True), nbformat.read(build.target(lesson), 4)
    sources = [[cell.source for cell in one.cells if cell.cell_type == "code"] for one in (made, stored)]
    if sources[0] != sources[1]:
        raise ValueError(f"{lesson}: its code is not that of its notebook: make notebooks ARGS={lesson}")
    outputs = iter([cell.outputs for cell in stored.cells if cell.cell_type == "code"])
    settled: list[str] = []
    for cell in learner.own(made).cells:
        if cell.cell_type == "code":
            cell.outputs = next(outputs)
            settled = REVEALS.findall(cell.source) or settled
        yield cell, settled
        if cell.cell_type == "markdown" and learner.HEADING.search(cell.source):
            settled = []


class Page:
    """A lesson's page: its HTML, and the data for site.js."""

    def __init__(self, lesson: str, folder: Folder) -> None:
        self.lesson, self.folder = lesson, folder
        self.asks: dict[str, dict] = {}
        self.html = linked("\n".join(self.cell(*each) for each in cells(lesson)))

    def cell(self, cell: nbformat.NotebookNode, settled: Sequence[str]) -> str:
        """Return a cell as HTML."""
        if cell.cell_type == "markdown":
            fold = f'<details class="course-after" open data-after="{" ".join(settled)}">'
            return prose(cell.source.replace('<details class="course-after">', fold))
        code = "" if ONLY_CALLS.fullmatch(cell.source) else _highlighted(cell.source, "python")
        exercise = build.CHECK.search(cell.source)
        if exercise:
            return code + self.exercise(exercise[1])
        names = self.questions(cell.source)
        outputs = "".join(self.output(output, cell.source, names) for output in cell.outputs)
        if not outputs or learner.ASKS.search(cell.source):
            return code + outputs
        reveals = {"data_reveals": " ".join(revealed)} if (revealed := REVEALS.findall(cell.source)) else {}
        after = {"data_after": " ".join(settled)} if settled else {}
        return code + element("div", outputs, class_="outputs", **after, **reveals)

    def questions(self, source: str) -> Iterator[str]:
        """Yield the names of a cell's questions, and collect the data of each."""
        for kind, name in ASKS.findall(source):
            if kind == "predict":
                self.asks[name] = prediction(name)
                yield name
            else:
                for one in quiz.declared()[name].questions:
                    feedback = {option: [option == one.right, why] for option, why in one.choices.items()}
                    form = forms.spec(forms.Choice([*one.choices]))
                    self.asks[one.name] = {
                        "kind": "quiz",
                        "question": one.text,
                        "form": form,
                        "told": feedback,
                    }
                    yield one.name

    def output(self, output: nbformat.NotebookNode, source: str, names: Iterator[str]) -> str:
        """Return an output as HTML."""
        if output.output_type == "stream":
            return element("pre", html.escape(output.text))
        data, about = output.data, output.metadata
        if "application/vnd.jupyter.widget-view+json" in data:
            return ""
        if "image/png" in data:
            if panel := PANEL.search(source):
                return moving(panel[1], self.folder)
            name, width, height = self.folder.picture(data["image/png"])
            size = f'width="{width}" height="{height}" loading="lazy"'
            return f'<img src="{name}" alt="{html.escape(data["text/plain"])}" {size}>'
        if "text/html" in data:
            page = data["text/html"]
            if "prediction" in about.get("text/html", {}):
                return element("div", page, data_verdict=about["text/html"]["prediction"])
            if 'class="course-still"' in page and (name := next(names, "")):
                return element("div", page, data_ask=name, id=f"ask-{name}")
            if call := re.search(r"^(predict\.summary|progress)\(", source, re.MULTILINE):
                return element("div", page, **{f"data_{call[1].removeprefix('predict.')}": self.lesson})
            return page
        if "text/markdown" in data:
            return prose(data["text/markdown"])
        return element("pre", html.escape(data["text/plain"]))

    def exercise(self, name: str) -> str:
        """Return the hints and a solution of an exercise, folded."""
        one = check.declared()[name]
        hints = zip(("A hint", "A second hint"), one.hints, strict=True)
        parts = [element("summary", title) + prose(html.escape(hint)) for title, hint in hints]
        solution = "\n".join(build.solutions(self.lesson)[name])
        parts.append(element("summary", "A solution") + _highlighted(solution, "python"))
        where = 'Your answer is judged where the lesson runs: links are at <a href="#open">the top</a>.'
        return element(
            "div",
            "".join(element("details", part) for part in parts) + element("p", where),
            data_exercise=name,
        )

    def sections(self) -> Iterator[tuple[str, str, str]]:
        """Yield the address, title and text of each section for the search, without covered parts."""
        soup = BeautifulSoup(self.html, "html.parser")
        for part in soup.select(
            "pre, math, details, .anchor-link, [data-after], [data-reveals], [data-exercise]"
        ):
            part.decompose()
        for heading in soup.find_all(["h1", "h2"]):
            words = []
            for node in heading.next_elements:
                if getattr(node, "name", "") in ("h1", "h2"):
                    break
                if isinstance(node, str) and heading not in node.parents:
                    words.append(node.strip())
            title, number = heading.get_text().strip(), self.lesson[:2]
            title = title if title.startswith(number) else f"{number} {title}"
            yield f"{self.lesson}.html#{heading['id']}", title, " ".join(filter(None, words))


def prediction(name: str) -> dict:
    """Return a page's data to ask for a prediction and to give feedback."""
    one = predict.declared()[name]
    happened = lessons.stored(one.lesson, "truths")[name]
    truth, form = happened["truth"], one.form
    # A trained whole number is displayed as one, but stored as a float.
    ways = [form.say(truth), *([form.say(int(truth))] if isinstance(truth, float) else [])]
    in_words = next(way for way in ways if happened["told"].startswith(f"{way}."))
    result = {"in_words": in_words, "sentence": happened["told"][len(in_words) + 2 :], "truth": truth}
    data = {"kind": "prediction", "question": one.question, "form": forms.spec(form)}
    if isinstance(form, forms.Choice):
        each = {
            option: [form.agrees(option, truth), form.compare(option, truth), form.means(option, truth)]
            for option in form.options
        }
        return data | result | {"told": each}
    return data | result


def moving(name: str, folder: Folder) -> str:
    """Return a panel as HTML: its first picture and sentence, which site.js makes interactive."""
    panel = views.stored(name)
    for picture in panel["pictures"]:
        folder.write(f"views/{picture}.webp", (views.FOLDER / f"{picture}.webp").read_bytes())
    data = json.dumps(panel, ensure_ascii=False, separators=(",", ":"))
    folder.write(f"panels/{name}.js", f"course.panel({json.dumps(name)}, {data});\n")
    width, height = panel["size"]
    picture, sentence, _ = panel["views"][0][panel["start"]]
    image = f'<img src="views/{panel["pictures"][picture]}.webp" alt="" width="{width}" height="{height}">'
    fewer = [spec["label"] for spec in panel["controls"].values() if not spec["all"]]
    note = f"This page has only some positions of: {', '.join(fewer)}. The notebook has all of them."
    note = element("p", html.escape(note), class_="note") if fewer else ""
    return element("div", note + image + element("p", html.escape(sentence)), data_panel=name)


def as_data(value: object) -> str:
    """Return JSON that can be embedded in HTML."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def address(given: Sequence[str]) -> tuple[str, str]:
    """Return owner and name of the repository: those given, which go into the README, or the README's."""
    readme = build.ROOT / "README.md"
    text = readme.read_text("utf-8")
    old = build.SITE.search(text)
    if not given:
        return old[1], old[2]
    new = ADDRESS.fullmatch(given[0])
    if len(given) > 1 or not new:
        sys.exit(f"Expected https://github.com/owner/course, but got {' '.join(given)}: make site ADDRESS=…")
    text = text.replace(old[0], f"https://{new[1]}.github.io/{new[2]}/")
    text = text.replace(f"github.com/{old[1]}/{old[2]} ", f"github.com/{new[1]}/{new[2]} ")
    readme.write_text(text, "utf-8")
    return new[1], new[2]


def elsewhere(owner: str, name: str, lesson: str) -> dict[str, str]:
    """Return links to run a lesson, by the name of the service."""
    place = f"{owner}/{name}"
    colab = f"https://colab.research.google.com/github/{place}/blob/main/dist/colab/{lesson}.ipynb"
    return {
        **({"Colab": colab} if build.target(lesson, "dist/colab").exists() else {}),  # made by `make colab`
        "Binder": f"https://mybinder.org/v2/gh/{place}/main?urlpath=lab/tree/my_notebooks/{lesson}.ipynb",
        "Codespaces": f"https://codespaces.new/{place}",
    }


def home(folder: Folder, code: str) -> str:
    """Return the README's first part as HTML, with the first panel in it."""
    text = (build.ROOT / "README.md").read_text("utf-8")
    text = build.words_for(True, text[: text.index("\n## What is where")])
    text = re.sub(r".*\.github\.io/.*\n\n", "", text)
    text = re.sub(r"^\| notebook .*?(?=\n\n)", build.the_map(), text, flags=re.MULTILINE | re.DOTALL)
    text = text.replace("(notebooks/", "(")
    made = linked(prose(re.sub(r"^!\[.*?\]\(lessons/panel\.gif\)", "PANEL", text, flags=re.MULTILINE)))
    made = made.replace("<p>PANEL</p>", moving("learning_to_square", folder))
    return re.sub(r'href="(?!\w+:|#|\d\d_\w+\.html)', f'href="{code}/blob/main/', made)


def write(given: Sequence[str] = (), names: Sequence[str] = (), place: Path = SITE) -> Folder:
    """Write the site of these lessons, or of all; return its folder."""
    owner, name = address(given)
    names, folder, code = names or lessons.names(), Folder(place), f"https://github.com/{owner}/{name}"
    template = jinja2.Environment(autoescape=True).from_string((HERE / "page.html").read_text("utf-8"))
    titles = {lesson: lessons.title(lesson) for lesson in names}
    common = {"site": TITLE, "titles": titles, "code": code}
    pages = {lesson: Page(lesson, folder) for lesson in names}
    for at, (lesson, page) in enumerate(pages.items()):
        around = {"before": names[at - 1] if at else None, "next": (*names, None)[at + 1]}
        data = {"lesson": lesson, "asks": page.asks}
        if "data-progress" in page.html:
            data["course"] = [[*key, title] for key, title in overview.everything().items()]
        places = elsewhere(owner, name, lesson)
        inside = {"title": titles[lesson], "main": page.html, "data": as_data(data), "places": places}
        folder.write(f"{lesson}.html", template.render(common | around | inside))
    front = {"title": "", "main": home(folder, code), "data": as_data({"asks": {}}), "next": names[0]}
    folder.write("index.html", template.render(common | front))
    sections = [section for page in pages.values() for section in page.sections()]
    folder.write("search.js", f"course.sections({json.dumps(sections, ensure_ascii=False)});\n")
    folder.write("site.css", style())
    folder.write("site.js", scripts())
    offline(folder)
    folder.tidy()
    return folder


def scripts() -> str:
    """Return the JavaScript of all pages as one file, not a module, as file:// allows none."""
    shared = {"panel": "live/panel.js", "ask": "practice/ask.js"}
    parts = []
    for name, path in shared.items():
        text = re.sub(
            r"^export .*\n", "", script(lessons.FOLDER.parent / "helpers" / path), flags=re.MULTILINE
        )
        parts.append(f"const {name} = (() => {{\n{text}\nreturn {name};\n}})();\n")
    own = [answers(), (HERE / "site.js").read_text("utf-8")]
    return "(() => {\n" + "\n".join([*parts, *own]) + "})();\n"


def answers() -> str:
    """Return answers.js with page.js and NUMBERS."""
    return f"const NUMBERS = {json.dumps(numbers.SPEC)};\n{script(HERE / 'answers.js')}"


def style() -> str:
    """Return the style of all pages."""
    parts = [lessons.FOLDER.parent / "helpers" / part for part in ("live/panel.css", "practice/ask.css")]
    colours = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    text = "\n".join(path.read_text("utf-8") for path in (*parts, HERE / "site.css"))
    return f"{colours}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n{text}"


def offline(folder: Folder) -> None:
    """Write the service worker, which caches all pages and each panel's first picture at once."""
    named = sorted(path.relative_to(folder.place).as_posix() for path in folder.files)
    pages = "".join((folder.place / name).read_text("utf-8") for name in named if name.endswith(".html"))
    kept = [name for name in named if not name.startswith("views/") or f'src="{name}"' in pages]
    state = hashlib.sha256(b"".join((folder.place / name).read_bytes() for name in named)).hexdigest()[:16]
    worker = (HERE / "worker.js").read_text("utf-8")
    folder.write("worker.js", f'const VERSION = "{state}";\nconst FILES = {json.dumps(kept)};\n{worker}')


def main(arguments: list[str]) -> None:
    """Write the site, and print its size."""
    try:
        views.compute()
        folder = write([argument for argument in arguments if argument])
    except ValueError as error:
        sys.exit(str(error))
    size = sum(path.stat().st_size for path in folder.files)
    print(f"{SITE.relative_to(build.ROOT)}/index.html: {len(folder.files):,} files, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
