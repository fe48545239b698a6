"""The adversary of the set-up: Pythons that lack something, files in the way, interruptions.

`python tests/setup_adversary.py [PART ...]` downloads what is not in uv's cache, and prints for each
situation whether in the end JupyterLab answers or one sentence helps. A fault is anything else.
"""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

from support import ROOT, free_port

PATIENCE = 900  # seconds for a set-up
BASE = sys._base_executable
NAMES = (
    "ast code copy csv datetime enum inspect io json logging math operator platform random re signal string"
)
NAMES = [*NAMES.split(), "tempfile", "types", "typing"]  # what beginners call their files
HELPS = re.compile(r": (install|free|check|put|take|move|use|choose|give|run) |run the same command again")


def course(folder):
    """Return a new copy of the course, with the files of a beginner in it."""
    home = folder / "Übung 1"
    files = subprocess.check_output(["git", "-C", ROOT, "ls-files", "-z"]).decode().split("\0")
    for name in filter(None, files):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    for name in NAMES:
        (home / f"{name}.py").write_text(f"raise SystemExit('a learner\\'s {name}')")
    return home


def begin(home, command):
    """Start the course; return its process, the address of its JupyterLab, and where its words go."""
    port = free_port()
    options = f"--no-browser --port {port} --ServerApp.port_retries=0 --allow-root".split()
    words = home.parent / "words.txt"
    how = {"stdin": subprocess.DEVNULL, "stdout": words.open("wb"), "stderr": subprocess.STDOUT, "cwd": home}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER", "VIRTUAL"))}
    how["env"] = {**inherited, "PATH": "/usr/bin:/bin"}
    how["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # in the background it is off
    process = subprocess.Popen([*command, "lab", *options], start_new_session=True, **how)
    return process, f"http://127.0.0.1:{port}/api", words


def answered(process, address):
    """Wait until JupyterLab answers, or what was started ends."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return True
        time.sleep(0.3)
    return False


def outcome(home, command):
    """Start the course and end it: "answers", the sentence that helps, or a fault, as FAULT and its words."""
    process, address, words = begin(home, command)
    try:
        if answered(process, address):
            return "answers"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    said = words.read_text("utf-8", "replace")
    *_, last = ["", *filter(None, said.splitlines())]
    helps = HELPS.search(last) and "Traceback" not in said and last.endswith(".")
    return last if helps else f"FAULT {said[-2000:]}"


def python_without(folder, *lacks):
    """Return a real Python that lacks some modules: a copy of this one, whose library is links."""
    library = Path(os.__file__).parent
    packages = folder / "lib" / library.name / "site-packages"
    packages.mkdir(parents=True)
    links = [path for path in library.iterdir() if path.name not in ("site-packages", *lacks)]
    for path in [*links, *library.parent.glob("libpython*")]:
        place = packages.parent if path.parent == library else packages.parent.parent
        (place / path.name).symlink_to(path)
    if "pip" not in lacks:
        (packages / "pip").symlink_to(Path(find_spec("pip").origin).parent)
    (folder / "bin").mkdir()
    return shutil.copy(os.path.realpath(BASE), folder / "bin" / "python3")


def pythons(folder):
    """Set the course up with Pythons that lack something, and with those of the machine."""
    lacking = ["", "pip", "ensurepip", "venv", "pip ensurepip", "pip venv", "ensurepip venv"]
    for number, lacks in enumerate(lacking):
        python = python_without(folder / f"python{number}", *lacks.split())
        home = course(folder / f"home{number}")
        yield f"a Python without {lacks or 'nothing'}", home, [python, "course.py"]
    others = [Path("/usr/bin/python3"), *sorted(Path(BASE).parents[2].glob("3.*/bin/python3"))]
    for number, python in enumerate(others):
        too_old = "import sys; sys.exit(sys.version_info < (3, 8))"
        if python.exists() and subprocess.call([python, "-c", too_old]) == 0:
            yield f"{python}", course(folder / f"other{number}"), [str(python), "course.py"]


def interruptions(folder, count=60, each=5, seed=25):
    """Interrupt the set-up at random times, by three signals; after every five, let it come to its end."""
    rng = random.Random(seed)
    hits = 0
    for turn in range(count // each):
        home = course(folder / f"turn{turn}")
        for _ in range(each):
            process, _, words = begin(home, [BASE, "course.py"])
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(rng.choice([1, 4, 12, 30]) * rng.random())
            hits += process.poll() is None
            number, whole = rng.choice([signal.SIGINT, signal.SIGKILL, signal.SIGTERM]), rng.random() < 0.7
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if whole else os.kill)(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            said = words.read_text("utf-8", "replace")
            if "Traceback" in said or (process.poll() is None and number != signal.SIGTERM):
                print(f"FAULT after signal {number}: {said[-500:]}", flush=True)
            if rng.random() < 0.5:  # otherwise the next has to wait for a uv that is left behind
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        yield f"{hits} interruptions so far", home, [BASE, "course.py"]
        shutil.rmtree(home.parent)


PARTS = {part.__name__: part for part in (pythons, interruptions)}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="setup", ignore_cleanup_errors=True) as folder:
            for what, home, command in PARTS[part](Path(folder)):
                start = time.monotonic()
                found = outcome(home, command)
                print(f"{part}: {what}: {found} ({time.monotonic() - start:.0f} s)", flush=True)
                if part == "pythons":
                    shutil.rmtree(home.parent)
