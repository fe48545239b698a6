"""Set up and run the course: `python course.py` lists the commands.

Standard library only, and nothing that Python 3.8 cannot parse: uv, which makes the environments,
brings a newer Python where there is none.
"""

import ast
import contextlib
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ROOT = pathlib.Path(__file__).resolve().parent
LOCK = ROOT / "requirements.txt"
PYTHONS = ((3, 11), (3, 12), (3, 13))
PLATFORMS = {
    "Linux x86_64": "x86_64-manylinux_2_28",
    "Linux aarch64": "aarch64-manylinux_2_28",
    "Darwin arm64": "aarch64-apple-darwin",
    "Windows AMD64": "x86_64-pc-windows-msvc",
}
WINDOWS = os.name == "nt"
SUPERUSER = hasattr(os, "geteuid") and os.geteuid() == 0

KERNEL_ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "TF_ENABLE_ONEDNN_OPTS": "0"}
KERNEL_ENV["PYTHONUTF8"] = "1"  # or files are read in the encoding of each machine
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
OTHER_CPU = {"TF_ENABLE_ONEDNN_OPTS": "0", "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2", **ONE_THREAD}

# These would send Python, pip or uv elsewhere. The user's indexes, proxies and certificates
# stay: some machines reach nothing without them.
STRAY = re.compile(
    "MPLBACKEND|VIRTUAL_ENV|__PYVENV_LAUNCHER__|PYTHON(DONTWRITEBYTECODE|HOME|PATH)|(PIP|UV)_(?!.*(CACHE|CERT|"
    "CONCURRENT|CONFIG|HOST|INDEX|KEYRING|LINK|OFFLINE|PROXY|PYTHON_|RETRIES|TIMEOUT|TLS)).*"
)
# What uv understands of pip's settings, which it does not read.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
HASHED = ["--only-binary", ":all:", "--require-hashes", "-r"]
BROWSER_TESTS = os.path.join("tests", "test_browser.py")


def check_platform():
    found, bits = f"{platform.system()} {platform.machine()}", 64 if sys.maxsize > 2**32 else 32
    if found not in PLATFORMS or bits != 64:
        sys.exit(
            f"TensorFlow has packages for a 64-bit Python on {', '.join(PLATFORMS)}, but this is a "
            f"{bits}-bit one on {found}: use another machine, or Binder."
        )


def base_python():
    """Return the Python outside of any venv: course.py may be run by the venv it rebuilds."""
    return getattr(sys, "_base_executable", None) or sys.executable


def ask(command, env=None):
    """Return what a command prints, without its messages; None if it fails."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        return os.fsdecode(subprocess.check_output(command, env=env, stderr=subprocess.DEVNULL)).strip()


def environment(**more):
    """Return the variables for what course.py starts, without those that lead elsewhere."""
    env = {name: value for name, value in os.environ.items() if not STRAY.fullmatch(name)}
    return {**env, **KERNEL_ENV, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1", **more}


def uv_environment():
    """Return the variables for uv, with the indexes, proxies and certificates that pip is set to use."""
    options = {}
    listing = ask([base_python(), "-m", "pip", "config", "list"], environment()) or ""
    for section in ("global.", "install.", ":env:."):  # the later, the stronger
        for name, _, value in (line.partition("=") for line in listing.splitlines()):
            if name.startswith(section):
                options[name[len(section) :]] = ast.literal_eval(value).split()
    # Any index may have the file: its hash decides. TLS and CERTS are one setting, in older and newer uv.
    env = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_NATIVE_TLS": "1", "UV_SYSTEM_CERTS": "1"}
    env["UV_PYTHON_INSTALL_DIR"] = str(ROOT / ".venv-python")
    if "REQUESTS_CA_BUNDLE" in os.environ:
        env["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"]
    for option in set(options) & set(PIP_TO_UV):
        env[PIP_TO_UV[option]] = ("," if option == "find-links" else " ").join(options[option])
    # uv asks Python for paths in isolation, where PYTHONUTF8 counts for nothing.
    return {**env, **environment(LC_ALL="C.UTF-8")}


def find_uv(busy):
    """Return the uv on PATH, or else the locked one, which pip brings into a venv of its own."""
    version = [int(number) for number in re.findall("[0-9]+", ask(["uv", "--version"]) or "")]
    if version >= [0, 5]:  # it knows all that is asked of it here
        return shutil.which("uv")
    own = Venv(".venv-uv", "uv, a download of about 25 MB", 0.2)
    if not own.ready():
        own.start()
        own.step([base_python(), "-m", "venv", str(own.path)], busy)
        wanted = own.path / "requirements.txt"
        replace(wanted, re.search(r"(?m)^uv==.*\n(?: .*\n)*", with_tests())[0])
        own.step([own.python, "-m", "pip", "install", *HASHED, str(wanted)], busy)
        replace(own.stamp, own.digest())
    return str(own.bin / "uv")


def with_tests():
    """Return the lock with what a plain installation leaves out: what only tests and tools need."""
    return LOCK.read_text(encoding="utf-8").replace("extra == 'test'", "python_version >= '3'")


class Venv:
    """A virtual environment in the course's folder, made by uv from the lock, and then stamped.

    adds: arguments of `uv pip install`, to add packages to one that is there.
    """

    def __init__(self, name, size, free_gb, adds=()):
        self.path = ROOT / name
        self.bin = self.path / ("Scripts" if WINDOWS else "bin")
        self.python = str(self.bin / ("python.exe" if WINDOWS else "python"))
        self.stamp = self.path / ("course-stamp-adds" if adds else "course-stamp")
        self.size, self.free_gb, self.adds = size, free_gb, adds

    def env(self, **more):
        path = os.pathsep.join([str(self.bin), os.environ.get("PATH", os.defpath)])
        # This venv's kernel before the user's.
        return environment(PATH=path, JUPYTER_PREFER_ENV_PATH="1", **more)

    def digest(self):
        """Tell what the venv depends on; its own place is part, as venvs cannot move."""
        places = os.path.realpath(self.path), os.path.realpath(self.python)
        digest = hashlib.sha256(repr([places, len(self.adds), KERNEL_ENV]).encode() + LOCK.read_bytes())
        project = (ROOT / "pyproject.toml").read_bytes()
        digest.update(project.partition(b"\n[tool.")[0])  # not the settings of tools
        return digest.hexdigest()

    def ready(self):
        with contextlib.suppress(OSError):
            return self.stamp.read_text() == self.digest() and ask([self.python, "-c", ""]) is not None
        return False

    def prepare(self):
        """Build the venv unless it is ready."""
        check_platform()
        if not self.ready():
            with one_at_a_time() as busy:
                if not self.ready():
                    self.build(busy)
        return self

    def build(self, busy):
        self.start()
        uv, env = find_uv(busy), uv_environment()
        if not self.adds:
            supported = sys.version_info[:2] in PYTHONS
            python = base_python() if supported else f">=3.{PYTHONS[0][1]},<3.{PYTHONS[-1][1] + 1}"
            self.step([uv, "venv", "--no-project", "--python", python, str(self.path)], busy, env)
        install = [uv, "pip", "install", "--python", self.python, "--compile-bytecode"]
        install += ["--no-index"] if "UV_NO_INDEX" in env else []
        self.step([*install, *(self.adds or [*HASHED, LOCK.name])], busy, env)
        self.furnish()
        replace(self.stamp, self.digest())

    def start(self):
        self.check_disk(self.free_gb, ROOT)
        print(f"Setting up {self.path.name}: {self.size}, once.", flush=True)
        with contextlib.suppress(FileNotFoundError):
            self.stamp.unlink()  # first, as what follows may be interrupted
        if not self.adds and os.path.lexists(self.path):
            remove(self.path)

    def check_disk(self, gigabytes, place):
        free = shutil.disk_usage(place).free / 1e9
        if free < gigabytes:
            sys.exit(
                f"Setting up needs {self.free_gb} GB of free disk space, but the disk that holds {place} "
                f"has {free:.1f} GB: free some and run the same command again."
            )

    def furnish(self):
        """Let Python find helpers, and JupyterLab the course's kernel and no pop-up with news."""
        (site,) = self.path.glob("Lib/site-packages" if WINDOWS else "lib/python*/site-packages")
        # Relative, as Python 3.11 reads it in the encoding of each machine.
        (site / "course.pth").write_text(os.path.relpath(ROOT, site))
        argv = [self.python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        kernel = {"argv": argv, "display_name": "Python 3 (course)", "language": "python"}
        kernel.update(metadata={"debugger": True}, env=KERNEL_ENV)
        news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        replace(self.path / "share/jupyter/kernels/python3/kernel.json", json.dumps(kernel))
        replace(self.path / "etc/jupyter/labconfig/page_config.json", json.dumps(news))

    def step(self, command, busy, env=None):
        """Run one step of the build, showing only what the user should know of its output."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        options.update(cwd=ROOT, env=env or self.env(), pass_fds=busy, encoding="utf-8", errors="replace")
        lines = []
        with subprocess.Popen(command, **options) as process:
            for line in process.stdout:
                lines.append(line)
                progress(line.strip())
                if line.startswith("Downloading cpython"):
                    print(f"There is no Python 3.11, 3.12 or 3.13 here: {line.strip()}", flush=True)
        progress("")
        if not process.returncode:
            return
        sys.stderr.write("".join(lines))
        for place in (ROOT, tempfile.gettempdir(), os.path.expanduser("~")):
            self.check_disk(0.1, place)
        if "venv" in command and "--python" in command:
            sys.exit(
                f"The course needs Python 3.11, 3.12 or 3.13, but {sys.executable} is Python "
                f"{platform.python_version()}, and uv found and fetched no other (its message is above): "
                "install one of them and run the same command again."
            )
        sys.exit(
            f"Setting up stopped because `{' '.join(command[:3])}` ended with exit code {process.returncode} "
            "(its message is above): check the network connection and run the same command again; what has "
            "been downloaded is kept."
        )


def replace(path, text):
    """Write a file whole or not at all, and never through a hard link into uv's cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(text.encode())
    os.replace(fresh, path)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def progress(text):
    if sys.stdout.isatty():
        print(f"\r{text[:79]:79}\r{text[:79]}", end="", flush=True)


@contextlib.contextmanager
def one_at_a_time():
    """Let one set-up work in this folder at a time.

    uv inherits the lock, so that one whose parent was killed is waited for as well.
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


def course_venv(tests=True):
    """Return the learner's environment, with what the other commands need added to it."""
    venv = Venv(".venv", "a download of about 450 MB, 2 GB on disk", 3).prepare()
    if not tests:
        return venv
    wanted = venv.path / "requirements.txt"
    replace(wanted, with_tests())
    return Venv(".venv", "what tests need, a download of about 100 MB", 1, [*HASHED, str(wanted)]).prepare()


def run(venv, arguments, cwd=ROOT, **env):
    """Run the venv's Python under a heading; stop here if it fails."""
    print("\n==", "python", *arguments, flush=True)
    stop_unless_done([venv.python, *arguments], cwd, venv.env(**env))


def stop_unless_done(command, cwd, env):
    code = subprocess.call(command, cwd=cwd, env=env)
    if code:
        print(f"\nStopped: the last command above ended with exit code {code}.", file=sys.stderr)
        sys.exit(code if code > 0 else 1)


# Commands -----------------------------------------------------------------------------


def lab(arguments):
    """open the course in JupyterLab"""
    venv = course_venv(tests=False)
    command = [venv.python, "-m", "jupyterlab"]
    if not any("root_dir" in argument for argument in arguments):  # JupyterLab takes only one
        command += [f"--ServerApp.root_dir={ROOT}"]
    # The address, so that it is also right where it is printed and no browser opens.
    command += ["--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"]
    command += ["--ServerApp.answer_yes=True"]  # one Ctrl-C ends it, without a question
    command += ["--LanguageServerManager.autodetect=False"]
    command += ["--ServerApp.kernel_websocket_connection_class=helpers.server.PromptConnection"]
    if SUPERUSER:
        command += ["--allow-root"]  # containers
    os.chdir(ROOT)
    sys.stdout.flush()
    if WINDOWS:
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for JupyterLab
        sys.exit(subprocess.call([*command, *arguments], env=venv.env()))
    os.execve(command[0], [*command, *arguments], venv.env())


def test(arguments):
    """run all checks; or some of: lint unit notebooks browser other-cpu"""
    pytest = ["-m", "pytest", "-n", "2", "--dist"]
    # loadfile: what shares trained networks stands in one file and is trained in one worker, once.
    unit = [*pytest, "loadfile", "tests", "--ignore", BROWSER_TESTS, "--cov=helpers", "--cov-branch"]
    unit += ["--cov-report=term-missing:skip-covered", "--cov-fail-under=95"]
    nbval = [*pytest, "loadscope", "--nbval", "--rootdir", str(ROOT), str(ROOT / "notebooks")]
    nbval += ["--nbval-sanitize-with", str(ROOT / "tests/nbval_sanitize.cfg"), "-p", "no:cacheprovider"]
    parts = {
        "lint": lambda: lint([]),
        # A thread for each worker, or two that train a large network would wait for each other.
        "unit": lambda: run(course_venv(), unit, TF_NUM_INTRAOP_THREADS="1"),
        "notebooks": lambda: run(course_venv(), nbval),
        # Two at a time, each with a JupyterLab and a Chromium of its own.
        "browser": lambda: run(with_chromium(), [*pytest, "load", "--maxschedchunk", "1", BROWSER_TESTS]),
        # From another folder, too.
        "other-cpu": lambda: run(course_venv(), nbval, cwd=tempfile.gettempdir(), **OTHER_CPU),
    }
    unknown = [name for name in arguments if name not in parts]
    if unknown:
        sys.exit(f"test expected some of {', '.join(parts)}, but got {', '.join(unknown)}.")
    for name, part in parts.items():
        if name in (arguments or parts):
            part()


def with_chromium():
    """Return the venv, and install the browser that tests drive, unless there is one."""
    venv = course_venv()
    steps = [[venv.python, "-m", "playwright", "install", "chromium"]]
    if SUPERUSER and shutil.which("apt-get"):
        steps = [
            ["apt-get", "update"],
            ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"],
        ]
    for step in [] if shutil.which("chromium") else steps:
        if subprocess.call(step, env=venv.env(DEBIAN_FRONTEND="noninteractive")):
            sys.exit(
                f"The browser tests need Chromium, but `{' '.join(step)}` failed (its message is above): "
                "install Chromium (Debian, Ubuntu: apt install chromium) and run the same command again."
            )
    return venv


def check(arguments):
    """lint, and run the tests that train nothing, in a minute"""
    lint([])
    pytest = ["-m", "pytest", "tests", "--quick", "-q", "-n", "2", "--ignore", BROWSER_TESTS]
    run(course_venv(), [*pytest, *arguments])


def lint(arguments):
    """check format and style of the code"""
    venv = course_venv()
    run(venv, ["-m", "ruff", "format", "--check", "."])
    run(venv, ["-m", "ruff", "check", "."])


def evidence(arguments):
    """rerun the experiments behind the claims and write evidence/README.md; goes on where it stopped"""
    run(course_venv(), ["-m", "helpers.claims", *arguments])


def lock(arguments):
    """renew requirements.txt from pyproject.toml (--upgrade: with the newest versions)"""
    with one_at_a_time() as busy:
        uv, env = find_uv(busy), uv_environment()
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder, "requirements.txt")
        fresh.write_text(with_tests(), encoding="utf-8")  # uv keeps the pins it finds
        command = [uv, "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
        # Or an older pip would take the newest coverage for coverage[toml], and stop at its hash.
        command += ["--no-strip-extras", "--custom-compile-command", "python course.py lock"]
        command += ["--output-file", str(fresh), "--extra", "conda"]
        stop_unless_done([*command, "--extra", "test", *arguments], ROOT, env)
        for target in PLATFORMS.values():
            for major, minor in PYTHONS:
                dry = [uv, "pip", "install", "--dry-run", "--quiet", "--target", str(fresh.with_name("none"))]
                dry += ["--python-platform", target, "--python-version", f"{major}.{minor}"]
                stop_unless_done([*dry, *HASHED, str(fresh)], ROOT, env)
        everything = fresh.read_text(encoding="utf-8")
        stop_unless_done(command, ROOT, env)
        learners = "\n" + fresh.read_text(encoding="utf-8")

    def mark(pin):
        if f"\n{pin[1]}==" in learners:
            return pin[0]
        return f"{pin[1]}=={pin[2]} ; {f'({pin[3]}) and ' if pin[3] else ''}extra == 'test' \\"

    replace(LOCK, re.sub(r"(?m)^([^ =]+)==([^ ]+)(?: ; (.+))? \\$", mark, everything))


def bench(arguments):
    """measure the benchmarks; or, with latency, how quickly the panels answer"""
    if arguments[:1] == ["latency"]:
        run(with_chromium(), [os.path.join("benchmarks", "latency.py"), *arguments[1:]])
        return
    Venv(".venv-bench", "a download of about 450 MB, 2 GB on disk", 5).prepare()
    more = ["-r", "pyproject.toml", "--extra", "bench"]
    venv = Venv(".venv-bench", "the peers, about 600 MB or more, 2 GB on disk", 3, more).prepare()
    run(venv, [os.path.join("benchmarks", "run.py"), *arguments])


def clean(arguments):
    """remove what the other commands have built"""
    for pattern in (".venv*", ".pytest_cache", ".ruff_cache", ".hypothesis", ".coverage*"):
        for path in ROOT.glob(pattern):
            remove(path)
    for pattern in ("__pycache__", ".ipynb_checkpoints"):
        for path in list(ROOT.rglob(pattern)):
            remove(path)


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


def notebooks(arguments):
    """execute the notebooks (all, or those named) and store their outputs"""
    folder = ROOT / "notebooks"
    paths = [folder / (pathlib.Path(name).stem + ".ipynb") for name in arguments]
    for path in paths:
        if not path.is_file():
            sys.exit(f"Expected a notebook, but there is no {path}.")
    for path in paths or sorted(folder.glob("*.ipynb")):
        run(course_venv(), ["-c", "import course, sys; course.execute(sys.argv[1])", str(path)])


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
    command.__name__: command for command in (lab, test, check, lint, notebooks, evidence, lock, bench, clean)
}

if __name__ == "__main__":
    if sys.getfilesystemencoding() != "utf-8":  # or the folder's name would be another text in each locale
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.argv])
    main(sys.argv[1:])
