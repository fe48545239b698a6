"""How JupyterLab's server talks to the browser: without TCP's wait before a small message."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's connection to the browser that sends every message at once.

    TCP holds a small message back until the one before it is acknowledged (Nagle's algorithm), and the
    other side may take 40 ms to acknowledge. So long a panel would lag behind a hand that moves.
    """

    def connect(self) -> object:
        """Open the connection."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
