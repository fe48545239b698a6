"""The views of each panel at the positions that a page offers, computed once by the panel's own function.

The store is dist/views: pictures, named by a hash of their content, and for each panel a file of JSON lines,
named by a hash of its code and the lock; a line has the view of a position, given what was kept before. Only
missing views are computed, so an interrupted run can be continued.
"""

import ast
import concurrent.futures
import functools
import hashlib
import importlib.util
import io
import itertools
import json
import multiprocessing
import os
from collections.abc import Mapping
from pathlib import Path

from helpers.checks import InputError
from helpers.lessons import declaring
from helpers.live import explore
from helpers.live.canvas import Canvas
from helpers.live.controls import Slider
from helpers.live.panels import tracks
from lessons import build

from PIL import Image
from tqdm import tqdm

FOLDER = build.ROOT / "dist" / "views"
MOST_BYTES = 4_000_000  # of one panel's pictures
# What views depend on besides code; they do not depend on SHOWS, the widget.
DATA = ("helpers/question.csv", "helpers/pictures/course.mplstyle", "requirements.txt")
SHOWS = "helpers.live.panels"


@functools.cache
def parsed(module: str) -> tuple[str, list[str]]:
    """Return a module's code and the names that it imports; no code if it is not one of the course.

    The code is without comments and without the arguments that only concern pages.
    """
    try:
        spec = importlib.util.find_spec(module) if module.startswith(("helpers.", "lessons.")) else None
    except ModuleNotFoundError:  # a name that is not a module
        spec = None
    if module == SHOWS or not spec or not spec.has_location:
        return "", []
    tree, imported = ast.parse(Path(spec.origin).read_text("utf-8")), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords = [each for each in node.keywords if each.arg not in ("page", "forgets")]
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(base, module.rpartition(".")[0])
            imported += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return ast.dump(tree), imported


def code(*modules: str) -> list[str]:
    """Return the code of modules of the course and of all their imports, sorted."""
    by_module, left = {}, list(modules)
    while left:
        if (module := left.pop()) not in by_module:
            by_module[module], imported = parsed(module)
            left += imported
    return sorted(f"{module}: {text}" for module, text in by_module.items() if text)


def lines(name: str) -> Path:
    """Return the file of a panel's lines, which depends on its code and the lock."""
    module = explore.declared()[name].view.__module__
    parts = code(module, "helpers.live.canvas")
    parts += [(build.ROOT / path).read_text("utf-8") for path in DATA]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return FOLDER / f"{name}-{key[:16]}.jsonl"


def read(path: Path) -> dict[str, list]:
    """Return the stored views, {position: [picture, sentence, kept]}; incomplete lines are ignored."""
    views = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            at, shown = json.loads(line)
        except ValueError:
            continue
        views[at] = shown
    return views


def settings(name: str) -> list[dict[str, object]]:
    """Return the settings that a page offers; the last control varies fastest."""
    offered = explore.declared()[name].page
    return [dict(zip(offered, values, strict=True)) for values in itertools.product(*offered.values())]


class Drawn:
    """The views of one panel, drawn like its widget: after the first view, on the same canvas."""

    def __init__(self, name: str, computes: bool = True) -> None:
        self.panel, self.path, self.computes = explore.declared()[name], lines(name), computes
        self.stored, self.canvas = read(self.path), None
        self.start = {name: control.value for name, control in self.panel.controls.items()}

    def view(self, values: Mapping[str, object], kept: Mapping[str, object]) -> list:
        """Return a stored view; compute it if it is missing, or raise LookupError."""
        at = json.dumps([values, kept])
        if at not in self.stored and not self.computes:
            raise LookupError(at)
        if at not in self.stored:
            if self.canvas is None:
                self.canvas = Canvas(*self.panel.frames)
                self.canvas.draw(self.panel.view(**self.start))
            shown = self.panel.view(**values, **kept)
            self.canvas.draw(shown)
            after = {} if self.panel.forgets else shown.kept
            self.stored[at] = json.loads(json.dumps([_picture(self.canvas.png()), shown.sentence, after]))
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([at, self.stored[at]]) + "\n")
        return self.stored[at]


def _picture(png: bytes) -> str:
    """Store a picture, lossless and half as large; return its name."""
    name = hashlib.sha256(png).hexdigest()[:16]
    path = FOLDER / f"{name}.webp"
    if not path.exists():
        buffer = io.BytesIO()
        Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "webp", lossless=True, quality=50, method=4)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(buffer.getvalue())
        fresh.replace(path)
    return name


def stored(name: str, computes: bool = True) -> dict:
    """Return a panel's data for its page; compute missing views, or raise LookupError.

    pictures: their names. views[k][i] is the view of position i after kept state k, [picture, sentence, next
    k], or None: the start position resets the state, so it has only a view for k = 0.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    drawn, positions = Drawn(name, computes), settings(name)
    start, kept, views, pictures = positions.index(drawn.start), [{}], [], {}
    for k, before in enumerate(kept):  # grows meanwhile
        row = []
        for at, values in enumerate(positions):
            if k and at == start:
                row.append(None)
                continue
            picture, sentence, after = drawn.view(values, before)
            if after not in kept:
                kept.append(after)
            if len(kept) > len(positions) + 1:
                raise InputError(
                    f"{name} must keep one of {len(positions)} things at most for a page, but keeps more: "
                    "declare it with forgets=True."
                )
            row.append([pictures.setdefault(picture, len(pictures)), sentence, kept.index(after)])
        views.append(row)
    files = [FOLDER / f"{picture}.webp" for picture in pictures]
    size = sum(file.stat().st_size for file in files)
    if size > MOST_BYTES:
        raise InputError(
            f"the pictures of {name} must have {MOST_BYTES / 1e6:g} MB at most on a page, but have "
            f"{size / 1e6:.1f} MB: offer fewer positions, page=..., in {declaring(drawn.panel.view)}."
        )
    with Image.open(files[0]) as first:
        about = {"controls": specs(name), "size": first.size, "start": start}
    about["tracks"] = {}
    if any(getattr(control, "drag", ()) for control in drawn.panel.controls.values()):
        canvas = Canvas(*drawn.panel.frames)
        canvas.draw(drawn.panel.view(**drawn.start))
        about["tracks"] = tracks(canvas, drawn.panel.controls)
    return about | {"pictures": list(pictures), "views": views}


def specs(name: str) -> dict[str, dict]:
    """Return the controls of a page's panel for the browser, with the positions offered."""
    panel = explore.declared()[name]
    by_control = {}
    for each, control in panel.controls.items():
        spec, offered = control.spec(), list(panel.page[each])
        if isinstance(control, Slider):
            kept = ("label", "value", "unit", "film", "low", "high")
            spec = {"kind": "steps"} | {key: spec[key] for key in kept}
        by_control[each] = spec | {"options": offered, "all": len(offered) == len(control.positions())}
    return by_control


def compute() -> None:
    """Compute the missing views of all panels, in a process for each CPU."""
    names = list(filter(missing, explore.declared()))
    names.sort(key=lambda name: explore.declared()[name].trains)
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), spawn) as pool:
        for _ in tqdm(pool.map(stored, names), "panels", len(names), disable=None):
            pass


def missing(name: str) -> bool:
    """Return whether a panel has positions that are not stored yet."""
    try:
        stored(name, computes=False)
    except LookupError:
        return True
    return False
