"""The course on Colab and Kaggle: the copies of the notebooks, and a panel where no thread may answer."""

import os
import shutil
import subprocess
import sys
import time
from types import ModuleType, SimpleNamespace

import pytest
from jupyter_client.manager import start_new_kernel
from test_lock import ROOT, one_sentence

ADDRESS, AT = "https://github.com/owner/course", "0" * 40
# A view takes its time, so that an answer from a thread would come too late.
MAKE_A_PANEL = """
import sys, time, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
from helpers.live.canvas import View
from helpers.live.controls import Slider
from helpers.live.panels import Panel
from helpers.marks import Curve, Frame

def view(height):
    time.sleep(0.3)
    return View(f"A line at {height}.", [[Curve("line", [0, 10], [height, height])]])

panel = Panel(view, [Frame("x", "answer", (0, 10), (0, 100))], height=Slider("height", 3, 0, 100))
print(panel.comm.comm_id)
"""


def heard(client, asked):
    """What a kernel sends for a message until it is idle again, as (kind, content)."""
    said = []
    while ("status", {"execution_state": "idle"}) not in said:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") == asked:
            said.append((message["msg_type"], message["content"]))
    return said


def test_on_colab_a_kernel_answers_a_move_before_that_move_is_done(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        comm = next(
            c["text"].strip() for kind, c in heard(client, client.execute(MAKE_A_PANEL)) if kind == "stream"
        )
        for height in (50, 60):
            state = {"method": "update", "state": {"values": {"height": height}}, "buffer_paths": []}
            move = client.session.msg("comm_msg", {"comm_id": comm, "data": state})
            client.shell_channel.send(move)
            said = heard(client, move["header"]["msg_id"])
            news = [c["data"].get("state", {}) for kind, c in said if kind == "comm_msg"]
            assert f"A line at {height}." in [each.get("sentence") for each in news]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
