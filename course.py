"""Set up and run the course: `python course.py` lists the commands.

Standard library only, and nothing that Python 3.8 cannot parse; environments.py makes the environments.
"""

import itertools
import os
import sys

if __name__ == "__main__":
    # Import only Python's own modules and this folder's, not a random.py here or where PYTHONPATH leads.
    folder = os.path.dirname(os.path.realpath(__file__))
    others = [folder, *map(os.path.realpath, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.path = [path for path in sys.path if os.path.realpath(path) not in others]
    # Python's own modules stand before those of packages.
    sys.path = [*itertools.takewhile(lambda path: not path.endswith("-packages"), sys.path), folder]
    import signal

    ctrl_c = signal.getsignal(signal.SIGINT)
    if ctrl_c is signal.default_int_handler:  # it just ends, until main has words for it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if os.name != "nt":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])

import errno
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile

import environments
from environments import HASHED, ROOT, Venv, progress, remove
from lessons import learner

SUPERUSER = hasattr(os, "geteuid") and os.geteuid() == 0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
OTHER_CPU = {"TF_ENABLE_ONEDNN_OPTS": "0", "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2", **ONE_THREAD}
# A module as a program that a Ctrl-C ends without a traceback; `become` has kept one back while Python began.
QUIETLY = """
import runpy, signal, sys
try:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
except KeyboardInterrupt:
    sys.exit(130)
"""
BROWSER_TESTS = [f"tests/test_{name}.py" for name in ("browser", "browser_class", "reader", "site")]
NO_BROWSER = [f"--ignore={path}" for path in BROWSER_TESTS]
# What the tests of browsers start, by its package in Debian.
BROWSERS = {"chromium": "chromium", "firefox-esr": "firefox-esr", "webkit2gtk-driver": "WebKitWebDriver"}
BROWSERS["xvfb"] = "xvfb-run"


def course_venv(tests=True):
    """Return the learner's environment, with what the other commands need added to it."""
    venv = Venv(".venv", "a download of about 430 MB, 2 GB on disk", 3).prepare()
    if not tests:
        return venv
    wanted = venv.path / "requirements.txt"
    environments.replace(wanted, environments.with_tests())
    return Venv(".venv", "what tests need, a download of about 100 MB", 1, [*HASHED, str(wanted)]).prepare()


def run(venv, arguments, cwd=ROOT, **env):
    """Run the venv's Python under a heading, with answers of its own; stop here if it fails."""
    print("\n==", "python", *arguments, flush=True)
    # `-m` would look for modules in the current folder first.
    python = [venv.python, "-P"] if arguments[0] == "-m" else [venv.python]
    with tempfile.TemporaryDirectory() as answers:
        stop_unless_done([*python, *arguments], cwd, venv.env(COURSE_ANSWERS=answers, **env))


def stop_unless_done(command, cwd, env):
    code = subprocess.call(command, cwd=cwd, env=env)
    if code:
        print(f"\nStopped: the last command above ended with exit code {code}.", file=sys.stderr)
        sys.exit(code if code > 0 else 1)


# Commands -----------------------------------------------------------------------------


def lab(arguments):
    venv = course_venv(tests=False)
    with environments.one_at_a_time():
        learner.update(ROOT)
    os.chdir(ROOT)
    command = [venv.python, "-P", "-c", QUIETLY, "jupyterlab"]
    command += ["--ServerApp.answer_yes=True"]  # one Ctrl-C ends it, without a question
    command += ["--LanguageServerManager.autodetect=False"]
    command += ["--ServerApp.kernel_websocket_connection_class=helpers.live.server.PromptConnection"]
    # JupyterLab takes only one folder to show, and opens nothing outside of it.
    given = re.search(r"--\S*(?:root_dir|notebook[-_]dir)[=\0]([^\0]+)", "\0".join(arguments))
    root = pathlib.Path(os.path.abspath(given[1])) if given else ROOT
    command += [] if given else [f"--ServerApp.root_dir={ROOT}"]
    first = ROOT / learner.FOLDER / "00_start_here.ipynb"
    if root in first.parents:
        # The address, so that it is also right where it is printed and no browser opens.
        command += [f"--LabApp.default_url=/lab/tree/{first.relative_to(root).as_posix()}"]
    if SUPERUSER:
        command += ["--allow-root"]  # containers
    become(command + arguments, venv.env())


def in_class(arguments):
    venv = course_venv(tests=False)
    become([venv.python, "-P", "-c", QUIETLY, "helpers.classroom", *arguments], venv.env())


def become(command, env):
    """Run a command in this one's place."""
    sys.stdout.flush()
    if os.name != "nt":
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # until the command is ready for it
        os.execve(command[0], command, env)
    signal.signal(signal.SIGINT, lambda *_: None)  # Windows has no exec, and Ctrl-C is for the command
    sys.exit(subprocess.call(command, env=env))


def test(arguments):
    pytest = ["-m", "pytest", "-n", "2", "--dist"]
    # loadfile: what shares trained networks stands in one file and is trained in one worker, once.
    unit = [*pytest, "loadfile", "tests", *NO_BROWSER, "--cov=helpers", "--cov-branch"]
    unit += ["--cov-report=term-missing:skip-covered", "--cov-fail-under=95"]
    nbval = [*pytest, "loadscope", "--nbval", "--rootdir", str(ROOT), str(ROOT / "notebooks")]
    nbval += ["--nbval-sanitize-with", str(ROOT / "tests/nbval_sanitize.cfg"), "-p", "no:cacheprovider"]
    other = {"cwd": tempfile.gettempdir(), **OTHER_CPU}  # from another folder, too
    parts = {
        "lint": lambda: lint([]),
        # A thread for each worker, or two that train a large network would wait for each other.
        "unit": lambda: run(course_venv(), unit, TF_NUM_INTRAOP_THREADS="1"),
        "notebooks": lambda: run(course_venv(), nbval, TF_NUM_INTRAOP_THREADS="1"),
        # Two at a time, each with a JupyterLab and a Chromium of its own.
        "browser": lambda: run(
            with_browsers(), [*pytest, "load", "--maxschedchunk", "1", "-rs", *BROWSER_TESTS]
        ),
        # Notebooks once more: other versions on another CPU. If that fails, other-cpu tells which of the two.
        # Both train all of it again, so they run where they are named: colab in CI.
        "colab": lambda: on_colab(nbval, **other),
        "other-cpu": lambda: run(course_venv(), nbval, **other),
    }
    unknown = [name for name in arguments if name not in parts]
    if unknown:
        sys.exit(f"test expected some of {', '.join(parts)}, but got {', '.join(unknown)}.")
    for name in arguments or ["lint", "unit", "notebooks", "browser"]:
        parts[name]()


def on_colab(nbval, **other):
    """Run the panels with Colab's versions, and the notebooks with these and as `other` says."""
    pins = ROOT / "tests" / "colab.txt"
    venv = Venv(".venv-colab", "Colab's versions, a download of about 400 MB", 3, lock=pins).prepare()
    answers = ["-k", "answers", "tests/test_panels.py", "tests/test_explore.py"]
    run(venv, ["-m", "pytest", "-W", "ignore", *answers])  # its own warnings are not the course's
    kernels = str(venv.path / "share" / "jupyter")
    run(course_venv(), [*nbval, "--nbval-kernel-name", "colab"], JUPYTER_PATH=kernels, **other)


def with_browsers(packages=tuple(BROWSERS)):
    """Return the venv with a Chromium, and other browsers if they can be had: without one, its tests skip."""
    venv, apt = course_venv(), SUPERUSER and shutil.which("apt-get")
    for package in packages:
        install = "python -m playwright install chromium"
        if apt:
            install = f"apt-get update && apt-get install --yes --no-install-recommends {package}"
        if shutil.which(BROWSERS[package]) or not (apt or package == "chromium"):
            continue
        failed = subprocess.call(install, shell=True, env=venv.env(DEBIAN_FRONTEND="noninteractive"))
        if failed and package == "chromium":
            sys.exit(
                f"The browser tests need Chromium, but `{install}` failed (its message is above): "
                "install Chromium (Debian, Ubuntu: apt install chromium) and run the same command again."
            )
    return venv


def check(arguments):
    lint([])
    pytest = ["-m", "pytest", "tests", "--quick", "-q", "-n", "2", *NO_BROWSER]
    run(course_venv(), [*pytest, *arguments])


def lint(arguments):
    venv = course_venv()
    run(venv, ["-m", "ruff", "format", "--check", "."])
    run(venv, ["-m", "ruff", "check", "."])


def lock(arguments):
    with environments.one_at_a_time() as busy:
        uv, env = environments.find_uv(busy), environments.uv_environment()
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder, "requirements.txt")
        fresh.write_text(environments.with_tests(), encoding="utf-8")  # uv keeps the pins it finds
        command = [uv, "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
        # Or an older pip would take the newest coverage for coverage[toml], and stop at its hash.
        command += ["--no-strip-extras", "--custom-compile-command", "python course.py lock"]
        command += ["--output-file", str(fresh), "--extra", "tools"]
        stop_unless_done([*command, "--extra", "test", *arguments], ROOT, env)
        for target in environments.PLATFORMS.values():
            for major, minor in environments.PYTHONS:
                dry = [uv, "pip", "install", "--dry-run", "--quiet", "--target", str(fresh.with_name("none"))]
                dry += ["--python-platform", target, "--python-version", f"{major}.{minor}"]
                stop_unless_done([*dry, *HASHED, str(fresh)], ROOT, env)
        everything = fresh.read_text(encoding="utf-8")
        stop_unless_done(command, ROOT, env)
        learners = re.findall(r"(?m)^([^ =]+)==", fresh.read_text(encoding="utf-8"))

    def mark(pin):
        if pin[1] in learners:
            return pin[0]
        return f"{pin[1]}=={pin[2]} ; {f'({pin[3]}) and ' if pin[3] else ''}extra == 'test' \\"

    environments.replace(
        environments.LOCK, re.sub(r"(?m)^([^ =]+)==([^ ]+)(?: ; (.+))? \\$", mark, everything)
    )


def bench(arguments):
    if arguments[:1] == ["latency"]:
        run(with_browsers(["chromium"]), [os.path.join("benchmarks", "latency.py"), *arguments[1:]])
        return
    Venv(".venv-bench", "a download of about 430 MB, 2 GB on disk", 5).prepare()
    more = ["-r", "pyproject.toml", "--extra", "bench"]
    venv = Venv(".venv-bench", "the peers, about 600 MB or more, 2 GB on disk", 3, more).prepare()
    run(venv, [os.path.join("benchmarks", "run.py"), *arguments])


def clean(arguments):
    with environments.one_at_a_time():
        for pattern in (".venv", ".venv-*", ".pytest_cache", ".ruff_cache", ".hypothesis", ".coverage*"):
            for path in ROOT.glob(pattern):
                remove(path)
    for pattern in ("__pycache__", "notebooks/.ipynb_checkpoints"):
        for path in list(ROOT.rglob(pattern)):
            remove(path)


def as_for_make(arguments):
    """Return arguments, also those written as for make: ARGS="--port 8899", ADDRESS=https://…"""
    plain = []
    for argument in arguments:
        name, _, value = argument.partition("=")
        words = shlex.split(value.replace("\\", "\\\\")) if name == "ARGS" else [value]
        plain += words if name in ("ARGS", "ADDRESS") else [argument]
    return plain


def main(arguments):
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print("make COMMAND [ARGS=...], or on Windows: py course.py COMMAND [...]\n")
        for name, (purpose, _) in COMMANDS.items():
            print(f"  {name:11}{purpose}")
        return
    if arguments[0] not in COMMANDS:
        sys.exit(f"Expected one of {', '.join(COMMANDS)}, but got {arguments[0]}.")
    try:
        COMMANDS[arguments[0]][1](as_for_make(arguments[1:]))
    except KeyboardInterrupt:
        progress("")
        print("\nInterrupted: run the same command again to go on.", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            sys.exit(
                f"You may not write or run programs in {ROOT} ({error.strerror}: {error.filename}): "
                "copy the course's folder to a place of your own, and run the same command there."
            )
        sys.exit(f"Stopped by the operating system ({error}): put that right and run the same command again.")


def program(words):
    return lambda arguments: run(course_venv(), ["-m", *words.split(), *arguments])


COMMANDS = {
    "lab": ("open the course in JupyterLab", lab),
    "class": ("put the questions to a room: everybody answers by phone or notebook", in_class),
    "test": ("run lint, unit, notebooks and browser; or those named, also colab and other-cpu", test),
    "check": ("lint, and run the tests that are quick", check),
    "lint": ("check format and style of the code", lint),
    "notebooks": ("execute the lessons (all, or those named) into notebooks/", program("lessons.build")),
    "solutions": ("write the notebooks with exercises solved", program("lessons.build --solved")),
    "pack": ("write what a teacher prints and hands out into dist/pack/", program("lessons.teaching.pack")),
    "picture": ("make the README's moving picture again", program("lessons.picture")),
    "colab": (
        "write copies for Colab and Kaggle: ADDRESS=https://host/owner/course",
        program("lessons.colab"),
    ),
    "site": ("write the course as static pages into dist/site", program("lessons.site.pages")),
    "evidence": ("run the experiments behind the claims", program("helpers.evidence.claims")),
    "lock": ("renew requirements.txt from pyproject.toml (--upgrade: with the newest versions)", lock),
    "bench": ("measure the benchmarks; or, with latency, how quickly the panels answer", bench),
    "clean": ("remove the environments and caches", clean),
}

if __name__ == "__main__":
    if not (sys.flags.isolated and sys.flags.utf8_mode):  # free of PYTHON… variables and the locale
        become([sys.executable, "-I", "-X", "utf8", *sys.argv], os.environ)
    signal.signal(signal.SIGINT, ctrl_c)
    main(sys.argv[1:])
