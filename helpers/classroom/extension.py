"""A class in a Jupyter server, so that behind a hub it has the hub's own addresses.

Whoever is logged in to the server opens `class/teacher`, and comes to the teacher's page.
"""

from helpers.classroom import server
from helpers.classroom.room import START
from helpers.classroom.votes import Votes
from helpers.practice import store

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web


class Start(JupyterHandler):
    """The way to the teacher's page."""

    def initialize(self, votes: Votes) -> None:
        """Take the classes."""
        self.votes = votes

    @web.authenticated
    def get(self) -> None:
        """Go on with the latest class, or make one."""
        secret = self.votes.latest() or self.votes.new(START)
        self.redirect(f"teach/{secret}/")


def _load_jupyter_server_extension(app: object) -> None:
    votes, base = Votes(store.place().parent), url_path_join(app.web_app.settings["base_url"], "class")
    start = (f"{base}/teacher", Start, {"votes": votes})
    app.web_app.add_handlers(".*$", [start, *server.handlers(server.Hall(votes), base)])
