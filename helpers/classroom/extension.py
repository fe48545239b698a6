"""A class in a Jupyter server, so that behind a hub it has the hub's addresses.

Whoever is logged in opens `class/teacher` and gets to the teacher's page.
"""

from helpers.classroom import server
from helpers.classroom.votes import Votes
from helpers.practice import store

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web


class Start(JupyterHandler):
    """A redirect to the teacher's page."""

    @web.authenticated
    def get(self) -> None:
        """Go to the latest class, or make one."""
        self.redirect(f"teach/{self.settings['class_votes'].latest()}/")


def _load_jupyter_server_extension(app: object) -> None:
    votes, base = Votes(store.place().parent), url_path_join(app.web_app.settings["base_url"], "class")
    app.web_app.settings["class_votes"] = votes
    app.web_app.add_handlers(".*$", [(f"{base}/teacher", Start), *server.handlers(server.Hall(votes), base)])
