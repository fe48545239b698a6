"""`make class`: a server for a class, with the teacher's page."""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
import webbrowser

from helpers.classroom import server
from helpers.classroom.votes import Votes
from helpers.practice import store, table

from tornado import httpserver, web


def own_address() -> str:
    """Return this machine's network address, "" if it has none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 9))  # sends nothing
        return one.getsockname()[0]
    return ""


async def serve(arguments: list[str]) -> None:
    """Serve until the task is cancelled."""
    parser = argparse.ArgumentParser(prog="make class", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="where it listens (8765)")
    parser.add_argument("--address", default="", help="where learners reach it, if not by this machine's own")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.add_argument("--behind-proxy", action="store_true", help="trust a proxy on who the learners are")
    options = parser.parse_args(arguments)
    if not 0 < options.port < 65536:
        parser.error(f"expected a port from 1 to 65535, but got {options.port}")
    try:
        votes, own = Votes(store.place().parent), own_address()
    except table.Trouble as error:
        sys.exit(f"Votes cannot be kept in {store.place().parent} ({table.cause(error)}).")
    hall = server.Hall(votes, options.address or f"http://{own or '127.0.0.1'}:{options.port}")
    secret = votes.latest()
    application = web.Application(server.handlers(hall), log_function=lambda _: None)
    http = httpserver.HTTPServer(application, xheaders=options.behind_proxy)
    try:
        http.listen(options.port)
    except OSError as error:
        sys.exit(
            f"Port {options.port} cannot be used ({error.strerror}): end the class that runs there, or give "
            'another port: make class ARGS="--port 8766".'
        )
    teacher = f"http://127.0.0.1:{options.port}/teach/{secret}/"
    learners = f"Learners open  {hall.address}/{votes.code(secret)}"
    print(learners if options.address or own else "This machine is in no network: count raised hands.")
    print(f"The teacher's page, for you alone:  {teacher}")
    print(
        "Ctrl-C ends it. Class and votes stay until you delete them, or the class is 30 days old.",
        flush=True,
    )
    if not options.no_browser:
        webbrowser.open(teacher)
    try:
        await asyncio.Event().wait()
    finally:
        http.stop()
        await http.close_all_connections()
        votes.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1:]))
