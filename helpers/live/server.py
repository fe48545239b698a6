"""JupyterLab's WebSocket to the browser, without TCP's delay of small messages."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's connection to the browser that sends each message at once.

    TCP holds a small message back until the one before it is acknowledged (Nagle's algorithm), which may
    take 40 ms: a panel would lag by that much behind the hand.
    """

    def connect(self) -> object:
        """Open the connection."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
