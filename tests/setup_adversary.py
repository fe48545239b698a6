"""The adversary of the set-up: it interrupts a real one at random times; at last it must come to its end.

`python tests/setup_adversary.py [TURNS]` downloads what is not in uv's cache. In each turn a new copy of the
course is interrupted five times, and then has to open JupyterLab. It prints FAULT for anything else.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from support import ROOT, free_port

PATIENCE = 900  # seconds for a set-up


def begin(home, port):
    """Start the set-up and then JupyterLab, in a group of processes of their own."""
    options = f"--no-browser --port {port} --ServerApp.port_retries=0 --allow-root".split()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER", "VIRTUAL"))}
    return subprocess.Popen(
        [sys._base_executable, "course.py", "lab", *options],
        cwd=home,
        env=env | {"PATH": "/usr/bin:/bin"},  # without a uv
        stdin=subprocess.DEVNULL,
        stdout=(home.parent / "words.txt").open("wb"),
        stderr=subprocess.STDOUT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # in the background it is off
        start_new_session=True,
    )


def end(process, number, whole):
    """Send a signal to the process or to its whole group, and wait for the process."""
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if whole else os.kill)(process.pid, number)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(30)


def comes_to_its_end(home):
    """Tell whether JupyterLab opens."""
    process, finish = begin(home, port := free_port()), time.monotonic() + PATIENCE
    try:
        while process.poll() is None and time.monotonic() < finish:
            time.sleep(0.3)
            with contextlib.suppress(OSError):
                return urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).status == 200
    finally:
        end(process, signal.SIGINT, True)
        end(process, signal.SIGKILL, True)
    return False


def main(turns=12, seed=25):
    rng, hits = random.Random(seed), 0
    for _ in range(turns):
        with tempfile.TemporaryDirectory(prefix="setup", ignore_cleanup_errors=True) as folder:
            home, words = Path(folder, "Übung 1"), Path(folder, "words.txt")
            subprocess.check_call(["git", "-C", ROOT, "checkout-index", "--all", f"--prefix={home}/"])
            for _ in range(5):
                process = begin(home, free_port())
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(rng.choice([1, 4, 12, 30]) * rng.random())
                hits += process.poll() is None
                number = rng.choice([signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
                end(process, number, whole=rng.random() < 0.7)
                said = words.read_text("utf-8", "replace")
                if "Traceback" in said or (process.poll() is None and number != signal.SIGTERM):
                    print(f"FAULT after signal {number}: {said[-500:]}", flush=True)
                if rng.random() < 0.5:  # otherwise the next one has to wait for a uv that is left behind
                    end(process, signal.SIGKILL, True)
            ends = (
                "comes to its end" if comes_to_its_end(home) else f"FAULT {words.read_text('utf-8')[-2000:]}"
            )
            print(f"{hits} interruptions so far: {ends}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
