"""Set up and run the course: `python course.py` lists the commands.

Standard library only, and nothing that Python 3.8 cannot parse, so that an old Python
gets a sentence instead of a SyntaxError.
"""

import contextlib
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ROOT = pathlib.Path(__file__).resolve().parent
PYTHONS = ((3, 11), (3, 12), (3, 13))
PLATFORMS = ("Linux x86_64", "Linux aarch64", "Darwin arm64", "Windows AMD64")

KERNEL_ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "TF_ENABLE_ONEDNN_OPTS": "0"}
OTHER_CPU = {
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
# These would send Python or pip elsewhere. The user's indexes, proxies and
# certificates stay: some machines reach nothing without them.
UNWANTED = {
    "MPLBACKEND",
    "PIP_CONSTRAINT",
    "PIP_DRY_RUN",
    "PIP_NO_BINARY",
    "PIP_PREFIX",
    "PIP_PYTHON",
    "PIP_QUIET",
    "PIP_REQUIREMENT",
    "PIP_REQUIRE_HASHES",
    "PIP_ROOT",
    "PIP_TARGET",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
}

PIP = ["-m", "pip", "install"]
LOCKED = [*PIP, "--only-binary", ":all:", "--require-hashes", "-r", "requirements.txt"]
HELPERS = [*PIP, "--no-deps", "--no-build-isolation", "-e", "."]
KERNEL = ["-m", "ipykernel", "install", "--sys-prefix"]
KERNEL += ["--name", "python3", "--display-name", "Python 3 (course)"]
for pair in KERNEL_ENV.items():
    KERNEL += ["--env", *pair]
# Nobody should have to answer a pop-up about news in front of a class.
NO_NEWS = ["-m", "jupyterlab.labextensions", "disable", "@jupyterlab/apputils-extension:announcements"]


# Python -------------------------------------------------------------------------------


def find_python():
    """Return the command of a Python on PATH that can set up the course, or None."""
    versions = [f"{major}.{minor}" for major, minor in reversed(PYTHONS)]
    candidates = [["python3"], *(["python" + version] for version in versions), ["python"]]
    candidates += [["py", "-" + version] for version in versions]  # Windows
    probe = f"import ensurepip, sys, venv; sys.exit(sys.version_info[:2] not in {PYTHONS})"
    for command in candidates:
        path = shutil.which(command[0])
        # Being there is not enough: pyenv's shims exist and refuse to run.
        with contextlib.suppress(OSError):
            if path and not subprocess.call(
                [path, *command[1:], "-c", probe],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ):
                return [path, *command[1:]]
    return None


def check_python():
    """Go on only with a Python that can set up the course, switching to one if need be."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401

        complete = True
    except ImportError:
        complete = False
    supported = sys.version_info[:2] in PYTHONS
    if not (supported and complete):
        other = find_python()
        if other:
            hand_over([*other, str(ROOT / "course.py"), *sys.argv[1:]], os.environ)
    version = ".".join(map(str, sys.version_info[:3]))
    if not supported:
        sys.exit(
            f"The course needs Python 3.11, 3.12 or 3.13, but {sys.executable} is Python {version} "
            "and PATH has no other that works: install one of them and run the same command again."
        )
    if not complete:
        sys.exit(
            "The course needs Python's venv and ensurepip modules, but Python "
            f"{version} ({sys.executable}) comes without them: install them "
            "(Debian, Ubuntu: apt install python3-venv) and run the same command again."
        )
    found = f"{platform.system()} {platform.machine()}"
    bits = 64 if sys.maxsize > 2**32 else 32
    if found not in PLATFORMS or bits != 64:
        sys.exit(
            f"TensorFlow has packages for a 64-bit Python on {', '.join(PLATFORMS)}, but this is a "
            f"{bits}-bit one on {found}: use another machine, or Binder."
        )


def hand_over(command, env):
    """Become another program, so that it alone gets Ctrl-C and other signals."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, env)
    process = subprocess.Popen(command, env=env)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            sys.exit(process.wait())


# Virtual environments -----------------------------------------------------------------


class Venv:
    """A virtual environment in the course's folder, built by `steps` and then stamped."""

    def __init__(self, name, steps, size, free_gb):
        self.path = ROOT / name
        self.bin = self.path / ("Scripts" if os.name == "nt" else "bin")
        self.python = str(self.bin / ("python.exe" if os.name == "nt" else "python"))
        self.stamp = self.path / "course-stamp"
        self.steps = steps
        self.size = size
        self.free_gb = free_gb

    def env(self, **more):
        env = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        env.update(KERNEL_ENV)
        env["PATH"] = os.pathsep.join([str(self.bin), env.get("PATH", os.defpath)])
        env["JUPYTER_PREFER_ENV_PATH"] = "1"  # this venv's kernel before the user's
        env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        env["PIP_USER"] = "0"
        env["PYTHONUNBUFFERED"] = "1"
        env.update(more)
        return env

    def digest(self):
        """Tell what the venv depends on; its own place is part, as venvs cannot move."""
        places = os.path.realpath(self.path), os.path.realpath(base_python())
        digest = hashlib.sha256(repr([places, sys.version_info[:2], self.steps]).encode())
        digest.update((ROOT / "requirements.txt").read_bytes())
        project = (ROOT / "pyproject.toml").read_bytes()
        digest.update(project.partition(b"\n[tool.ruff]")[0])  # not the settings of tools
        return digest.hexdigest()

    def ready(self):
        with contextlib.suppress(OSError):
            return os.path.exists(self.python) and self.stamp.read_text() == self.digest()
        return False

    def prepare(self):
        """Build the venv unless it is ready."""
        check_python()
        if not self.ready():
            with one_at_a_time() as lock:
                if not self.ready():
                    self.build(lock)
        return self

    def build(self, lock):
        free = shutil.disk_usage(ROOT).free / 1e9
        if free < self.free_gb:
            sys.exit(
                f"Setting up needs {self.free_gb} GB of free disk space, but {ROOT} has "
                f"{free:.1f} GB: free some and run the same command again."
            )
        print(f"Setting up {self.path.name}: {self.size}, once.", flush=True)
        with contextlib.suppress(FileNotFoundError):
            self.stamp.unlink()  # first, as what follows may be interrupted
        if self.path.is_symlink():
            self.path.unlink()
        elif self.path.exists():
            shutil.rmtree(self.path)
        self.step([base_python(), "-m", "venv", str(self.path)], lock)
        for step in self.steps:
            self.step([self.python, *step], lock)
        fresh = self.stamp.with_suffix(".new")
        fresh.write_text(self.digest())
        os.replace(fresh, self.stamp)

    def step(self, command, lock):
        """Run one step of the build, showing only what the user should know of its output."""
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=lock,
        )
        count = 0
        lines = []
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            lines.append(line)
            if word == "ERROR:" or line.startswith("WARNING: Retrying"):
                progress("")
                print(line.strip(), file=sys.stderr)
            elif word == "Collecting":
                count += 1
                progress(f"package {count}: {rest.split('==')[0]}")
            elif word == "Downloading":
                progress(f"package {count}: {rest}")
            elif word == "Installing":
                progress(f"unpacking {count} packages, a minute or two")
        progress("")
        if process.wait():
            self.explain(command, process.returncode, lines)

    def explain(self, command, code, lines):
        places = (ROOT, tempfile.gettempdir(), os.path.expanduser("~"))
        for place in places:
            if os.path.exists(place) and shutil.disk_usage(place).free < 100e6:
                sys.exit(
                    f"Setting up stopped because the disk that holds {place} is full: free "
                    f"{self.free_gb} GB and run the same command again."
                )
        if "pip" in command:
            log = self.path / "pip.log"
            log.write_text("".join(lines), encoding="utf-8")
            sys.exit(
                "Setting up expected to download and install packages, but pip stopped with exit "
                f"code {code} (its message is above, all of it in {log}): check the network "
                "connection and run the same command again; what has been downloaded is kept."
            )
        last = "".join(lines).strip().splitlines()[-1:] or ["no message"]
        sys.exit(
            f"Setting up stopped because `{' '.join(command)}` ended with exit code {code} "
            f"({last[0]}): put that right and run the same command again."
        )


def base_python():
    """Return the Python outside of any venv: course.py may be run by the venv it rebuilds."""
    return getattr(sys, "_base_executable", None) or sys.executable


def progress(text):
    if sys.stdout.isatty():
        print(f"\r{text[:79]:79}\r{text[:79]}", end="", flush=True)


@contextlib.contextmanager
def one_at_a_time():
    """Let one set-up work in this folder at a time.

    pip inherits the lock, so that a pip whose parent was killed is waited for as well.
    """
    if fcntl is None:
        yield ()
        return
    with open(ROOT / ".venv.busy", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up in this folder to end ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            pass  # some network file systems have no locks
        yield (file.fileno(),)


def course_venv():
    steps = [LOCKED, HELPERS, KERNEL, NO_NEWS]
    return Venv(".venv", steps, "a download of about 500 MB, 2 GB on disk", 3).prepare()


def run(venv, arguments, cwd=None, **env):
    """Run the venv's Python under a heading; stop here if it fails."""
    print("\n==", "python", *arguments, flush=True)
    code = subprocess.call([venv.python, *arguments], cwd=cwd or ROOT, env=venv.env(**env))
    if code:
        print(f"\nStopped: the last command above ended with exit code {code}.", file=sys.stderr)
        sys.exit(code if code > 0 else 1)


# Commands -----------------------------------------------------------------------------


def lab(arguments):
    """open the course in JupyterLab"""
    venv = course_venv()
    command = [venv.python, "-m", "jupyterlab"]
    if not any("root_dir" in argument for argument in arguments):  # JupyterLab takes only one
        command += [f"--ServerApp.root_dir={ROOT}"]
    # The address, so that it is also right where it is printed and no browser opens.
    command += ["--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"]
    command += ["--ServerApp.answer_yes=True"]  # one Ctrl-C ends it, without a question
    command += ["--LanguageServerManager.autodetect=False"]
    command += ["--ServerApp.kernel_websocket_connection_class=helpers.live.server.PromptConnection"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]  # containers
    os.chdir(ROOT)
    hand_over([*command, *arguments], venv.env())


def test(arguments):
    """run all checks; or some of: lint unit notebooks browser other-cpu"""
    parts = ["lint", "unit", "notebooks", "browser", "other-cpu"]
    unknown = [name for name in arguments if name not in parts]
    if unknown:
        sys.exit(f"test expected some of {', '.join(parts)}, but got {', '.join(unknown)}.")
    chosen = arguments or parts
    venv = course_venv()
    nbval = ["-m", "pytest", "--nbval", "--rootdir", str(ROOT)]
    nbval += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval_sanitize.cfg")]
    nbval += [str(ROOT / "notebooks"), "-n", "2", "--dist", "loadscope", "-p", "no:cacheprovider"]
    if "lint" in chosen:
        lint([])
    if "unit" in chosen:
        coverage = ["--cov=helpers", "--cov-branch", "--cov-report=term-missing:skip-covered"]
        # loadfile: what shares trained networks stands in one file and is trained in one worker, once.
        pytest = ["-m", "pytest", "tests", "-n", "2", "--dist", "loadfile", "--ignore", BROWSER_TESTS]
        # A thread for each worker, or two that train a large network would wait for each other.
        run(venv, [*pytest, *coverage, "--cov-fail-under=95"], TF_NUM_INTRAOP_THREADS="1")
    if "notebooks" in chosen:
        run(venv, nbval)
    if "browser" in chosen:
        bring_chromium(venv)
        # Two at a time, each with a JupyterLab and a Chromium of its own.
        run(venv, ["-m", "pytest", BROWSER_TESTS, "-n", "2", "--dist", "load", "--maxschedchunk", "1"])
    if "other-cpu" in chosen:
        settings = " ".join(f"{name}={value}" for name, value in OTHER_CPU.items())
        print(f"\nOnce more, as on another CPU and from another folder: {settings}")
        with tempfile.TemporaryDirectory() as elsewhere:
            run(venv, nbval, cwd=elsewhere, **OTHER_CPU)


BROWSER_TESTS = os.path.join("tests", "test_browser.py")


def bring_chromium(venv):
    """Install the browser that tests drive, unless there is one."""
    if shutil.which("chromium"):
        return
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        steps = [
            ["apt-get", "update"],
            ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"],
        ]
    else:
        steps = [[venv.python, "-m", "playwright", "install", "chromium"]]
    for step in steps:
        if subprocess.call(step, env=venv.env(DEBIAN_FRONTEND="noninteractive")):
            sys.exit(
                f"The browser tests need Chromium, but `{' '.join(step)}` failed (its message is above): "
                "install Chromium (Debian, Ubuntu: apt install chromium) and run the same command again."
            )


def lint(arguments):
    """check format and style of the code"""
    venv = course_venv()
    run(venv, ["-m", "ruff", "format", "--check", "."])
    run(venv, ["-m", "ruff", "check", "."])


def notebooks(arguments):
    """execute the notebooks (all, or those named) and store their outputs"""
    folder = ROOT / "notebooks"
    paths = [folder / (pathlib.Path(name).stem + ".ipynb") for name in arguments]
    for path in paths:
        if not path.is_file():
            sys.exit(f"Expected a notebook, but there is no {path}.")
    for path in paths or sorted(folder.glob("*.ipynb")):
        run(course_venv(), ["-c", "import course, sys; course.execute(sys.argv[1])", str(path)])


def lock(arguments):
    """renew requirements.txt from pyproject.toml (--upgrade: with the newest versions)"""
    venv = Venv(".venv-lock", [[*PIP, "uv"]], "a download of about 25 MB", 0.5).prepare()
    uv = ["-m", "uv", "--system-certs", "pip"]
    with tempfile.TemporaryDirectory() as folder:
        fresh = os.path.join(folder, "requirements.txt")
        if (ROOT / "requirements.txt").exists():
            shutil.copy(str(ROOT / "requirements.txt"), fresh)  # uv keeps the pins it finds
        compile_ = [*uv, "compile", "pyproject.toml", "--extra", "test", "--universal"]
        compile_ += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
        # Or an older pip would take the newest coverage for coverage[toml], and stop at its hash.
        compile_ += ["--no-strip-extras"]
        compile_ += ["--custom-compile-command", "python course.py lock"]
        run(venv, [*compile_, "-o", fresh, *arguments])
        for target in (
            "x86_64-manylinux_2_28",
            "aarch64-manylinux_2_28",
            "aarch64-apple-darwin",
            "x86_64-pc-windows-msvc",
        ):
            for major, minor in PYTHONS:
                check = [*uv, "install", "--dry-run", "--quiet", "--only-binary", ":all:"]
                check += ["--python-platform", target, "--python-version", f"{major}.{minor}"]
                check += ["--target", os.path.join(folder, "none"), "--require-hashes"]
                run(venv, [*check, "-r", fresh])
        text = pathlib.Path(fresh).read_bytes()
    # Replaced only here, whole, so that whatever fails above leaves the old one.
    beside = ROOT / "requirements.txt.new"
    beside.write_bytes(text)
    os.replace(beside, ROOT / "requirements.txt")


def evidence(arguments):
    """rerun the experiments behind the claims and write evidence/README.md; goes on where it stopped"""
    run(course_venv(), ["-m", "helpers.evidence.claims", *arguments])


def bench(arguments):
    """measure the benchmarks; or, with latency, how quickly the panels answer"""
    if arguments[:1] == ["latency"]:
        venv = course_venv()
        bring_chromium(venv)
        run(venv, [os.path.join("benchmarks", "latency.py"), *arguments[1:]])
        return
    steps = [LOCKED, [*PIP, "--no-build-isolation", "-e", ".[bench]"]]
    size = "a download of about 1 GB or more, 4 GB on disk"
    run(Venv(".venv-bench", steps, size, 5).prepare(), ["benchmarks/run.py", *arguments])


def clean(arguments):
    """remove what the other commands have built"""
    for pattern in (".venv*", ".pytest_cache", ".ruff_cache", ".hypothesis", ".coverage*"):
        for path in ROOT.glob(pattern):
            remove(path)
    for pattern in ("__pycache__", ".ipynb_checkpoints"):
        for path in list(ROOT.rglob(pattern)):
            remove(path)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def execute(path):
    """Execute a notebook and store it in a form that is the same on every machine.

    Runs inside the venv. A notebook that fails stays as it is.
    """
    import nbclient
    import nbformat

    nb = nbformat.read(path, as_version=4)
    started = [0]
    client = nbclient.NotebookClient(
        nb,
        kernel_name="python3",
        timeout=600,
        resources={"metadata": {"path": os.path.dirname(path)}},
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute()
    except (nbclient.exceptions.CellControlSignal, RuntimeError) as error:
        reason = getattr(error, "evalue", "") or str(error).strip().splitlines()[0]
        name = getattr(error, "ename", type(error).__name__)
        sys.exit(
            f"{path} is left as it was, because its cell {started[-1] + 1} (counted from 1) "
            f"failed: {name}: {reason}"
        )
    nb.metadata.kernelspec = {
        "display_name": "Python 3 (course)",
        "language": "python",
        "name": "python3",
    }
    nb.metadata.get("language_info", {}).pop("version", None)
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
    text = nbformat.writes(nb)
    # ipywidgets draws its ids at random; numbered, they are the same on every run.
    widgets = nb.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    for number, name in enumerate(widgets.get("state", {})):
        text = text.replace(name, f"{number:032x}")
    nb = nbformat.reads(text, as_version=4)
    nbformat.validate(nb)
    fresh = path + ".new"
    pathlib.Path(fresh).write_bytes(nbformat.writes(nb).encode() + b"\n")
    os.replace(fresh, path)


COMMANDS = {
    command.__name__: command for command in (lab, test, lint, notebooks, evidence, lock, bench, clean)
}


def main(arguments):
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print("make COMMAND [ARGS=...], or on Windows: py course.py COMMAND [...]\n")
        for name, command in COMMANDS.items():
            print(f"  {name:11}{command.__doc__}")
        return
    if arguments[0] not in COMMANDS:
        sys.exit(f"Expected one of {', '.join(COMMANDS)}, but got {arguments[0]}.")
    try:
        COMMANDS[arguments[0]](arguments[1:])
    except KeyboardInterrupt:
        progress("")
        print("\nInterrupted: run the same command again to go on.", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"Stopped by the operating system ({error}): put that right and run the same command again.")


if __name__ == "__main__":
    main(sys.argv[1:])
