"""A time limit for learners' code: in a process of its own where possible, else interrupted in this one.

On Linux an answer is judged in a copy of this process (a fork, some 20 ms), which is killed when its time is
up, whatever it does; time that it waits for a core of a busy machine does not count. Keras models and
training cannot run in a copy, which lacks TensorFlow's threads; Windows has no fork, and macOS's libraries
may crash in one. There, Python code is interrupted until it ends; but a call into C that never returns, such
as sum(range(10**11)), blocks the kernel until it is restarted (Kernel, Restart).
"""

import builtins
import contextlib
import faulthandler
import gc
import json
import os
import select
import signal
import sys
import threading
import time
import warnings
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from helpers.practice.unchanged import unchanged

from IPython.utils.capture import capture_output

with contextlib.suppress(ModuleNotFoundError):  # Windows has none
    import resource

MEMORY = 2 * 2**30  # bytes that a copy may allocate
IDLE = 8  # times 0.05 s without work, after which a copy must be waiting for something missing in it

_copy = _timed = False  # whether this process is a copy, and whether a time limit is running here


class TooLong(BaseException):
    """A learner's code ran out of time; its `except Exception` does not catch this."""


class Elsewhere(BaseException):
    """The code needs what a copy lacks: TensorFlow's threads or a GPU."""


ENDS = (TooLong, Elsewhere, KeyboardInterrupt)  # not an error of the answer itself


def within(
    seconds: float, steps: Callable[[], Iterator[object]], *, apart: bool = True
) -> tuple[list[object], str]:
    """Return what the steps yield, as JSON values, and what stopped them: "", "time" or "crash".

    Nothing is printed or displayed, and every generator and setting stays as it is. apart: whether the steps
    may run in a copy of this process.
    """
    if _copy:
        return list(map(_plain, steps())), ""
    if apart and sys.platform == "linux":
        with contextlib.suppress(Elsewhere, OSError):
            return _apart(seconds, steps)
    return _here(seconds, steps)


def refuse(error: BaseException) -> None:
    """Raise Elsewhere if an error may be due to the copy itself."""
    if _copy and type(error).__module__.startswith("tensorflow"):
        raise Elsewhere from None


def _plain(step: object) -> object:
    return json.loads(json.dumps(step))


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    with (
        open(os.devnull, "w") as nowhere,  # noqa: PTH123
        warnings.catch_warnings(),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        capture_output(stdout=False, stderr=False),
    ):
        warnings.simplefilter("ignore")
        yield


# In a copy ------------------------------------------------------------------------------


def _apart(seconds: float, steps: Callable[[], Iterator[object]]) -> tuple[list[object], str]:
    out, into = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # code that needs threads fails or hangs, which is handled
        child = os.fork()
    if child == 0:
        _work(seconds, steps, into)
    os.close(into)
    try:
        messages, late = _received(child, out, seconds)
    finally:
        os.close(out)
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    results = [value for kind, value in messages if kind == "result"]
    ends = {kind for kind, _ in messages}
    if "stop" in ends:
        raise KeyboardInterrupt
    if "elsewhere" in ends:
        raise Elsewhere
    return results, "time" if late else "" if "end" in ends else "crash"


def _received(child: int, out: int, seconds: float) -> tuple[list, bool]:
    """Return the messages of a copy, and whether its time ran out; raise Elsewhere if it hangs."""
    start, written, idle, before = time.monotonic(), b"", 0, None
    while not written.endswith((b'["end", null]\n', b'["stop", null]\n', b'["elsewhere", null]\n')):
        if select.select([out], [], [], 0.05)[0]:
            more = os.read(out, 65536)
            if not more:
                break
            written += more
            continue
        if time.monotonic() - start > seconds + _waited(child):
            return _messages(written), True
        now = _asleep(child)
        idle = idle + 1 if now and now == before else 0
        before = now
        if idle == IDLE:
            raise Elsewhere
    return _messages(written), False


def _waited(process: int | str = "self") -> float:
    """Return for how many seconds a process has waited for a free core, as Linux counts it."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/schedstat") as stat:  # noqa: PTH123
        return int(stat.read().split()[1]) / 1e9
    return 0.0


def _messages(written: bytes) -> list:
    return [json.loads(line) for line in written.split(b"\n")[:-1]]


def _asleep(child: int) -> list[str] | None:
    """Return the CPU times of a copy if it sleeps, in the system's ticks; None if it is running."""
    with open(f"/proc/{child}/stat") as stat:  # noqa: PTH123
        _, _, rest = stat.read().rpartition(")")
    state, *fields = rest.split()
    return fields[10:12] if state == "S" else None


def _work(seconds: float, steps: Callable[[], Iterator[object]], into: int) -> NoReturn:
    """Run the steps in this copy, and exit."""

    def send(kind: str, value: object = None) -> None:
        line = json.dumps([kind, value]).encode() + b"\n"
        while line:
            line = line[os.write(into, line) :]

    try:
        global _copy
        _copy = True
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(seconds) + 60)  # in case the kernel ends first
        gc.disable()  # no finalisers of the parent's objects
        faulthandler.disable()
        with open("/proc/self/statm") as pages:  # noqa: PTH123
            size = int(pages.read().split()[0]) * resource.getpagesize()
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        if most == resource.RLIM_INFINITY:
            resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, most))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        builtins.input = _no_input
        with _silent():
            for step in steps():
                send("result", step)
        send("end")
    except KeyboardInterrupt:
        send("stop")
    except Elsewhere:
        send("elsewhere")
    finally:
        os._exit(0)


def _no_input(*_: object) -> NoReturn:
    raise EOFError("a check reads no input")


# Here -----------------------------------------------------------------------------------


def _here(seconds: float, steps: Callable[[], Iterator[object]]) -> tuple[list[object], str]:
    global _timed
    results, outer, _timed = [], _timed, True

    def run() -> None:
        for step in steps():
            results.append(_plain(step))

    # Only the main thread can be interrupted; and without a timer, only by one limit at a time.
    timed = threading.current_thread() is threading.main_thread()
    timed = timed and (hasattr(signal, "setitimer") or not outer)
    try:
        with _silent(), unchanged():
            _interrupted(run, seconds) if timed else run()
    except TooLong:
        if not timed:  # it belongs to the limit around this one
            raise
        return results, "time"
    finally:
        _timed = outer
    return results, ""


def _interrupted(call: Callable[[], object], seconds: float) -> None:
    """Call, and raise TooLong in the call when its time is up, repeatedly, as code may catch it."""
    late = over = False

    def again(frame: FrameType, event: str, _: object) -> Callable:
        if event == "line":
            raise TooLong
        return again

    def stop(number: int, frame: FrameType) -> None:
        if number == signal.SIGINT and not late:
            before(number, frame)  # the reader's own Stop
        elif not over and time.monotonic() - start > seconds + _waited() - waited:
            if frame.f_code.co_filename != __file__:
                frame.f_trace = again  # at the next line, which may be in an `except:`
                sys.settrace(lambda *_: None)
            raise TooLong

    def watch() -> None:  # on Windows, which has no timer signal
        nonlocal late
        ended.wait(seconds)
        late = True
        while not ended.wait(0.02):
            interrupt_main()

    timer, ended = hasattr(signal, "setitimer"), threading.Event()
    watcher = threading.Thread(target=watch, daemon=True)
    number, traced = signal.SIGALRM if timer else signal.SIGINT, sys.gettrace()
    before = signal.signal(number, stop)
    # A timer signal also interrupts a sleep, and a regular expression, which holds the GIL.
    start, waited, left = time.monotonic(), _waited(), 0.0
    if timer:
        left, _ = signal.setitimer(signal.ITIMER_REAL, seconds, 0.02)  # of the limit around this one
    else:
        watcher.start()
    try:
        try:
            call()
        finally:
            over = True
    finally:
        over = True  # again, as the interrupt may come in between
        sys.settrace(traced)
        if timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
        else:
            ended.set()
            watcher.join()
        signal.signal(number, before or signal.SIG_DFL)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - time.monotonic() + start), 0.02)
