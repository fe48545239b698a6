"""Make the course's environments with uv, from the lock.

Standard library only, and nothing that Python 3.8 cannot parse: uv brings a newer one where there is none.
"""

import ast
import contextlib
import errno
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

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

KERNEL_ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "TF_ENABLE_ONEDNN_OPTS": "0"}
KERNEL_ENV["PYTHONUTF8"] = "1"  # or files are read in the encoding of each machine
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}
QUIET.update(PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")  # where pip brings uv
# These would send Python, pip, uv or Jupyter elsewhere. The user's indexes, proxies and certificates
# stay: some machines reach nothing without them.
STRAY = re.compile(
    "MPLBACKEND|VIRTUAL_ENV|__PYVENV_LAUNCHER__|PYTHON[A-Z0-9]+|JUPYTER_PATH|JUPYTERLAB_DIR|"
    "(PIP|UV)_(?!.*(CACHE|CERT|CONCURRENT|CONFIG|FEATURE|HOST|INDEX|KEYRING|LINK|OFFLINE|PROXY|PYTHON_|RETRIES|"
    "TIMEOUT|TLS)).*"
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
IPYTHON_CONFIG = """# The notebook's folder comes last, so that a learner's numpy.py there hides no package.
import sys

sys.path.append("")
"""
# Never imported by a learner, or late: Python compiles it then.
SELDOM = re.compile(
    "(^|/)(tests|f2py|distutils|jax|openvino|torch|pydevd_attach_to_process)/|_test[.]py$|/lexers/[a-z]|"
    "^(cffi|clang|flit_core|fontTools/(?!misc)[a-z]+[A-Z][a-z]+|grpc|markdown_it|pasta|pexpect|pip|prompt_toolkit|"
    "pycparser|setuptools|tornado/test|wcwidth)/"
)
HASHED = ["--only-binary", ":all:", "--require-hashes", "-r"]
FROZEN = ["--only-binary", ":all:", "--no-deps", "-r"]  # all that is in the file, and nothing else


def check_platform():
    found, bits = f"{platform.system()} {platform.machine()}", 64 if sys.maxsize > 2**32 else 32
    if found not in PLATFORMS or bits != 64:
        sys.exit(
            f"TensorFlow has packages for a 64-bit Python on {', '.join(PLATFORMS)}, but this is a "
            f"{bits}-bit one on {found}: use a Python that is built for this machine, if it is one of these; "
            "otherwise another machine, or Binder."
        )


def base_python():
    """Return the Python outside of any venv: course.py may be run by the venv it rebuilds."""
    return getattr(sys, "_base_executable", None) or sys.executable


def ask(command, cwd=None):
    """Return what a command prints, without its messages; None if it fails."""
    how = {"env": environment(), "cwd": cwd, "stderr": subprocess.DEVNULL}
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        return os.fsdecode(subprocess.check_output(command, **how)).strip()


def environment(**more):
    """Return the variables for what course.py starts, without those that lead elsewhere."""
    env = {name: value for name, value in os.environ.items() if not STRAY.fullmatch(name)}
    return {**env, **KERNEL_ENV, **QUIET, **more}


def pip_settings(python):
    """Return the lines of what a Python's pip is set to; None if it has no pip."""
    # Not in the course's folder: Python would take a learner's random.py there for its own.
    return ask([python, "-m", "pip", "config", "list"], cwd=os.path.dirname(python))


def uv_environment():
    """Return the variables for uv, with the indexes, proxies and certificates that pip is set to use."""
    options, listing = {}, pip_settings(base_python()) or pip_settings(Venv(".venv-uv").python) or ""
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
    """Return the uv on PATH, or else the locked one, which pip brings into a folder of its own."""
    version = [int(number) for number in re.findall("[0-9]+", ask(["uv", "--version"]) or "")]
    if version >= [0, 5]:  # it knows all that is asked of it here
        return shutil.which("uv")
    own, python = Venv(".venv-uv", "uv, a download of about 20 MB", 0.2), base_python()
    target = own.path / "uv"  # a new folder: pip skips a `bin` that is there already, such as a venv's
    uv = str(target / "bin" / "uv")
    locked = re.search(r"(?m)^uv==(\S+).*\n(?: .*\n)*", with_tests())
    if f" {locked[1]} " not in (ask([uv, "--version"]) or ""):
        own.start()
        if pip_settings(python) is None:
            if ask([python, "-I", "-m", "venv", str(own.path)]) is None:
                sys.exit(
                    f"{python} has neither pip nor a complete venv, so it cannot fetch uv, which sets up the "
                    "course: install one of them (Debian, Ubuntu: sudo apt install python3-venv) and run the "
                    "same command again."
                )
            python = own.python
        wanted = own.path / "requirements.txt"
        replace(wanted, locked[0])
        install = [python, "-m", "pip", "install", "--target", str(target), "--no-compile"]
        own.step([*install, *HASHED, str(wanted)], busy, cwd=own.path)
    return uv


def with_tests():
    """Return the lock with what a plain installation leaves out: what only tests and tools need."""
    return LOCK.read_text(encoding="utf-8").replace("extra == 'test'", "python_version >= '3'")


class Venv:
    """A virtual environment in the course's folder, made by uv from the lock, and then stamped.

    adds: arguments of `uv pip install`, to add packages to one that is there.
    lock: the versions to install: the course's lock, or a file without hashes, such as Colab's.
    """

    def __init__(self, name, size="", free_gb=0, adds=(), lock=LOCK):
        self.path = ROOT / name
        self.bin = self.path / ("Scripts" if WINDOWS else "bin")
        self.python = str(self.bin / ("python.exe" if WINDOWS else "python"))
        self.stamp = self.path / ("course-stamp-adds" if adds else "course-stamp")
        self.size, self.free_gb, self.adds, self.lock = size, free_gb, adds, lock

    def env(self, **more):
        path = os.pathsep.join([str(self.bin), os.environ.get("PATH", os.defpath)])
        # This venv's kernel before the user's.
        return environment(PATH=path, JUPYTER_PREFER_ENV_PATH="1", **more)

    def digest(self):
        """Tell what the venv depends on; its own place is part, as venvs cannot move."""
        places = os.path.realpath(self.path), os.path.realpath(self.python)
        digest = hashlib.sha256(repr([places, KERNEL_ENV, IPYTHON_CONFIG]).encode())
        digest.update(self.lock.read_bytes())
        project = (ROOT / "pyproject.toml").read_bytes()
        digest.update(project.partition(b"\n[tool.")[0])  # not the settings of tools
        return digest.hexdigest()

    def site(self):
        return next(self.path.glob("Lib/site-packages" if WINDOWS else "lib/python*/site-packages"))

    def packages(self):
        """Return the names in site-packages, without versions: what is renewed or added stays there."""
        names = os.listdir(self.site())
        return {name for name in names if not name.endswith((".dist-info", "__pycache__"))}

    def ready(self):
        with contextlib.suppress(OSError, StopIteration):
            digest, *packages = self.stamp.read_text(encoding="utf-8").split("\n")
            here = digest == self.digest() and self.packages().issuperset(packages)
            return here and ask([self.python, "-c", ""]) is not None
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
        install = [uv, "pip", "install", "--python", self.python]
        install += ["--no-index"] if "UV_NO_INDEX" in env else []
        all_of_it = [*(HASHED if self.lock == LOCK else FROZEN), str(self.lock.relative_to(ROOT))]
        self.step([*install, *(self.adds or all_of_it)], busy, env)
        self.compile(self.site(), busy)
        self.furnish()
        replace(self.stamp, "\n".join([self.digest(), *self.packages()]))

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

    def compile(self, site, busy):
        """Write bytecode with several processes: without it the first import takes three times as long.

        Not by uv, which compiles all that there is, and takes twice as long.
        """
        names = [path.relative_to(site).as_posix() for path in site.rglob("*.py")]
        files = [str(site / name) for name in names if not SELDOM.search(name)]
        progress(f"Compiling {len(files)} of {len(names)} files")
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
        options.update(cwd=self.path, env=self.env(), pass_fds=busy, encoding="utf-8")
        processes, workers = [], min(os.cpu_count() or 1, 8, len(files))
        for first in range(workers):
            command = [self.python, "-m", "compileall", "-q", "-i", "-"]
            processes.append(subprocess.Popen(command, **options))
            # It may have ended already: its code tells.
            with contextlib.suppress(OSError), processes[-1].stdin as file:
                file.write("\n".join(files[first::workers]))
        codes = {process.wait() for process in processes}
        progress("")
        if 1 in codes:  # a file that cannot be compiled, which its import will tell; or no space for it
            self.check_disk(0.1, ROOT)
        for code in codes - {0, 1}:
            print(f"Compiling ended with exit code {code}: the first imports will take longer.", flush=True)

    def furnish(self):
        """Let Python find helpers, and JupyterLab the course's kernel and no pop-up with news."""
        # Relative, as Python 3.11 reads it in the encoding of each machine.
        (self.site() / "course.pth").write_text(os.path.relpath(ROOT, self.site()))
        # -P: otherwise a learner's types.py beside the notebooks stops the kernel.
        argv = [self.python, "-P", "-Xfrozen_modules=off", "-m", "ipykernel_launcher"]
        argv += ["-f", "{connection_file}"]
        kernel = {"argv": argv, "display_name": "Python 3 (course)", "language": "python"}
        kernel.update(metadata={"debugger": True}, env=KERNEL_ENV)
        news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        name = "python3" if self.lock == LOCK else self.lock.stem
        replace(self.path / "share/jupyter/kernels" / name / "kernel.json", json.dumps(kernel))
        replace(self.path / "etc/jupyter/labconfig/page_config.json", json.dumps(news))
        replace(self.path / "etc/ipython/ipython_config.py", IPYTHON_CONFIG)

    def step(self, command, busy, env=None, cwd=ROOT):
        """Run one step of the build, showing only what the user should know of its output."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        options.update(cwd=cwd, env=env or self.env(), pass_fds=busy, encoding="utf-8", errors="replace")
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
        sys.exit(
            f"Setting up stopped because `{' '.join(command[:3])}` ended with exit code {process.returncode} "
            "(its message is above): check the network connection, its proxy and certificate, or install "
            "Python 3.11, 3.12 or 3.13 if none was found, and run the same command again; what has been "
            "downloaded is kept."
        )


def replace(path, text):
    """Write a file whole or not at all, and never through a hard link into uv's cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(text.encode())
    os.replace(fresh, path)


def remove(path):
    """Remove a file or a folder; on Windows, a folder in use stays whole."""
    if not path.is_dir() or path.is_symlink():
        path.unlink()
        return
    if WINDOWS:
        aside = path.with_name(path.name + "-")
        try:
            for program in path.glob("Scripts/*.exe"):
                program.open("r+b").close()  # refused while it runs; renaming its folder would not be
            if aside.exists():
                shutil.rmtree(aside)
            path.rename(aside)  # refused while a file in it is open
        except PermissionError as error:
            sys.exit(
                f"{path} has to be removed, but is in use ({error.filename}): end what runs from it, such as "
                "JupyterLab or a class, and run the same command again."
            )
        path = aside
    shutil.rmtree(path)


def progress(text):
    if sys.stdout.isatty():
        print(f"\r{text[:79]:79}\r{text[:79]}", end="", flush=True)


@contextlib.contextmanager
def one_at_a_time():
    """Let one set-up work in this folder at a time.

    What it starts inherits the lock, so that a uv whose parent was killed is waited for as well.
    """
    with open(ROOT / ".venv.busy", "a") as file:
        if fcntl is None:
            hold(file)
            yield ()  # a child would not inherit the lock
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up in this folder to end ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            pass  # some network file systems have no locks
        yield (file.fileno(),)


def hold(file):
    """Lock a file on Windows until it is closed."""
    waiting = False
    while True:
        try:
            file.seek(0)  # which byte is locked
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            return
        except OSError as error:
            if error.errno != errno.EACCES:
                return  # some network file systems have no locks
        if not waiting:
            print("Waiting for another set-up in this folder to end ...", flush=True)
        waiting = True
        time.sleep(0.5)  # LK_LOCK would give up after ten seconds
