"""Copies of the notebooks for Colab and Kaggle: `make colab ADDRESS=https://host/owner/course`.

A copy is a learner's own, from lessons/learner.py, with one cell at the top. On Colab and Kaggle, which have
the other packages, that cell installs `helpers` and `lessons`, from the address and commit of the copy.
"""

import re
import subprocess
import sys
from pathlib import Path

from helpers import lessons
from lessons import build, learner

import nbformat

SET_UP = """# On Colab and Kaggle this brings the course's helpers; elsewhere it does nothing.
import os
import subprocess
import sys

if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
    source = "git+{address}@{version}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", source]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr)
        raise SystemExit("The helpers are missing: let this notebook use the internet, and run this again.")
if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()"""
GITHUB = re.compile(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?")


def version() -> str:
    """Return the commit of the copies, or exit, as uncommitted changes cannot be installed."""
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    commit = subprocess.run(command, cwd=build.ROOT, capture_output=True, text=True).stdout.strip()
    if not re.fullmatch("[0-9a-f]{40}", commit):
        sys.exit(f"Copies need a commit to bring the helpers from, but git says {commit!r}: commit first.")
    return commit


def copy(path: Path, address: str, at: str) -> nbformat.NotebookNode:
    """Return a learner's copy of a notebook, with the cell that sets up Colab and Kaggle."""
    notebook = learner.own(nbformat.read(path, 4))
    cell = nbformat.v4.new_code_cell(SET_UP.format(address=address, version=at), id=f"{path.name[:2]}-set-up")
    notebook.cells.insert(0, cell)
    return notebook


def badges(address: str, copied: Path) -> str:
    """Return the README's badges that open a copy from GitHub, or its path."""
    match = GITHUB.fullmatch(address)
    if not match:
        return str(copied)
    place = f"{match[1]}/blob/main/{copied.as_posix()}"
    colab, kaggle = "https://colab.research.google.com", "https://kaggle.com"
    return (
        f"[![{copied.stem} in Colab]({colab}/assets/colab-badge.svg)]({colab}/github/{place}) "
        f"[![{copied.stem} in Kaggle]({kaggle}/static/images/open-in-kaggle.svg)]"
        f"({kaggle}/kernels/welcome?src=https://github.com/{place})"
    )


def main(arguments: list[str]) -> None:
    """Write the copies into dist/colab/, and print the badges or the path of each."""
    if len(arguments) != 1 or "://" not in arguments[0]:
        got = " ".join(arguments) or "none"
        sys.exit(f"Expected an address, but got {got}: make colab ADDRESS=https://host/owner/course")
    (address,), at = arguments, version()
    for lesson in lessons.names():
        copied = build.target(lesson, "dist/colab")
        build.write(copy(build.target(lesson), address, at), copied)
        print(badges(address, copied.relative_to(build.ROOT)))


if __name__ == "__main__":
    main(sys.argv[1:])
