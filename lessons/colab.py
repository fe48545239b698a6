"""Copies of the notebooks for Colab and Kaggle: `make colab ADDRESS=https://host/owner/course`.

A copy is the stored notebook with one cell before it, which brings `helpers` from that address at this
version, alone, since Colab and Kaggle have the rest. It does nothing anywhere else.
"""

import re
import subprocess
import sys
from pathlib import Path

from lessons import build

import nbformat

SET_UP = """# On Colab and Kaggle this brings the course's helpers; elsewhere it does nothing.
import os
import subprocess
import sys

if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
    source = "git+{address}@{version}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", source], check=True)
if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()"""


def version() -> str:
    """Return the commit that the copies belong to."""
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(command, cwd=build.ROOT, capture_output=True, text=True, check=True).stdout.strip()


def copy(path: Path, address: str, at: str) -> nbformat.NotebookNode:
    """Return a stored notebook with the cell before it that sets Colab and Kaggle up."""
    notebook = nbformat.read(path, 4)
    cell = nbformat.v4.new_code_cell(SET_UP.format(address=address, version=at), id=f"{path.name[:2]}-set-up")
    notebook.cells.insert(0, cell)
    return notebook


def badge(address: str, name: str) -> str:
    """Return the README's line that opens a copy in Colab, for an address of the form host/owner/course."""
    site, owner, course = re.search(r"(\w+)\.\w+[/:](.+)/(.+?)(?:\.git)?$", address).groups()
    colab = "https://colab.research.google.com"
    target = f"{colab}/{site}/{owner}/{course}/blob/main/dist/colab/{name}"
    return f"[![Open {name[:2]} in Colab]({colab}/assets/colab-badge.svg)]({target})"


def main(arguments: list[str]) -> None:
    """Write the copies into dist/colab/, and print a badge for each."""
    if len(arguments) != 1 or "/" not in arguments[0]:
        sys.exit(
            f"Expected the course's address, but got {arguments}: make colab ADDRESS=https://host/owner/course"
        )
    (address,), at = arguments, version()
    folder = build.ROOT / "dist" / "colab"
    folder.mkdir(parents=True, exist_ok=True)
    for path in map(build.target, build.LESSONS):
        build.write(copy(path, address, at), folder / path.name)
        print(badge(address, path.name) if "://" in address else folder / path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
