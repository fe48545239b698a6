"""Votes in a class: everybody answers, sees how the room is split, answers again, and then sees the truth.

It builds on practice, which does not import it. The teacher starts it with `make class`, or in JupyterLab as
an extension; learners answer on a web page, or in their notebooks once they have joined.

questions   the questions of a lesson, from its stored notebook
votes       the classes and their votes, in one small file
room        one class: which question is open, who may vote, what each page shows
server      Tornado's handlers, for a server of its own (`__main__`) or a Jupyter server (`extension`)
member      the learner's side: a kernel that has joined sends each answer that it keeps
"""


def __getattr__(name: str) -> object:
    if name not in ("join", "leave"):
        raise AttributeError(name)
    from helpers.classroom import member

    return getattr(member, name)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "helpers.classroom.extension"}]
