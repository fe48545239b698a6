"""A class: everybody answers, the room sees how it is split, answers again, and then the truth.

It stands on practice, which does not know it. The teacher starts it with `make class`, or JupyterLab does, as
an extension; learners answer on a page in their browser, or in their notebooks once they have joined.

questions   what a lesson asks, from its stored notebook
votes       the classes and their votes, in one small file
room        one class: which question is open, who may vote, what each page shows
server      the addresses, for Tornado: alone (`__main__`) or in a Jupyter server (`extension`)
member      the learner's half: a kernel that has joined sends each answer that it keeps
"""


def __getattr__(name: str) -> object:
    if name not in ("join", "leave"):
        raise AttributeError(name)
    from helpers.classroom import member

    return getattr(member, name)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "helpers.classroom.extension"}]
