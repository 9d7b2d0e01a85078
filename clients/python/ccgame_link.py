"""One socket of a session, and the error of the client."""

import asyncio
import time

import engineio
import socketio


class ClientError(Exception):
    """A server's error, or the client's own: TIMEOUT, CONNECTION_LOST, TOO_LARGE, INVALID, CLOSED, UNREACHABLE."""

    def __init__(self, code, retryable=False, details=None, retry_after=0):
        super().__init__(code)
        self.code = code
        self.retryable = retryable
        self.details = details
        self.retry_after = retry_after

    @classmethod
    def of(cls, told):
        return cls(told["code"], told.get("retryable", False), told.get("details"), told.get("retryAfterMs", 0) / 1000)


class Engine(engineio.AsyncClient):
    """Knows when it heard the server last: its library has one word for a connection that was closed and for one that fell silent."""

    heard_at = 0.0

    async def _receive_packet(self, packet):
        self.heard_at = time.monotonic()
        await super()._receive_packet(packet)


class Socket(socketio.AsyncClient):
    def _engineio_client_class(self):
        return Engine


class Link:
    """
    One socket, from its handshake to its end. Its owner has `link_opened`, `push_came`, `answer_came`, `move_asked` and `link_lost`.
    """

    def __init__(self, owner):
        self.owner = owner
        self.session = None
        self.closed = None
        self.is_over = False
        self.is_to_move = False
        # The other side said nothing any more, where a server that ends says so: its machine may be gone.
        self.fell_silent = False
        # How long the server took to answer, seconds.
        self.answered_after = None
        self.opened = asyncio.get_running_loop().create_future()
        self.socket = Socket(reconnection=False)
        self.socket.on("Push", self._push)
        self.socket.on("Response", lambda answer: self._guard(owner.answer_came, answer))
        self.socket.on("connect_error", self._refused)
        self.socket.on("disconnect", self._disconnected)

    async def open(self, url, auth, answer_within=5):
        """`answer_within`: for the connection and the WebSocket's answer, seconds. Raises ClientError: the refusal, or UNREACHABLE."""
        query = f"?version={auth['version']}" if "version" in auth else ""
        since = time.monotonic()
        try:
            connecting = self.socket.connect(url + query, auth=auth, transports=["websocket"], wait=False)
            await asyncio.wait_for(connecting, answer_within)
            self.answered_after = time.monotonic() - since
            await asyncio.wait_for(asyncio.shield(self.opened), 10)
        except asyncio.CancelledError:  # The session goes on nowhere, or elsewhere.
            await self.leave()
            raise
        except Exception as error:  # The library's own too: a TypeError, where a WebSocket is closed before the server's first word.
            self.fell_silent = isinstance(error, asyncio.TimeoutError)
            # The session may have been open already.
            self._over()
            await self.leave()
            self.opened.result()

    async def send(self, event, message):
        try:
            await self.socket.emit(event, message)
        except socketio.exceptions.BadNamespaceError:
            pass  # It is over, and its end is on its way.

    async def leave(self):
        self.is_over = True
        await self.socket.disconnect()
        http = self.socket.eio.http
        if http and not http.closed:  # Of a try that was given up.
            await http.close()

    def _refused(self, told=None):
        data = told.get("data") if isinstance(told, dict) else None
        error = ClientError.of(data) if isinstance(data, dict) else ClientError("UNREACHABLE", retryable=True)
        if not self.opened.done():
            self.opened.set_exception(error)

    def _push(self, push=None):
        if not isinstance(push, dict) or self.is_over:
            return
        route, data = push.get("route"), push.get("data")
        if route == "session.opened":
            self.session = data
            self.owner.link_opened(self)
            if not self.opened.done():
                self.opened.set_result(None)
            if self.is_to_move:
                self.owner.move_asked(self)
        elif route == "session.closed":
            self.closed = data if isinstance(data, dict) else None
        elif route == "session.move":
            self.is_to_move = True
            if self.session:
                self.owner.move_asked(self)
        else:
            self.owner.push_came(self, push)

    def _guard(self, receive, message=None):
        if isinstance(message, dict):
            receive(message)

    def _disconnected(self, reason=None):
        engine = self.socket.eio
        self.fell_silent = time.monotonic() - engine.heard_at > engine.ping_interval + engine.ping_timeout - 0.2
        self._over()

    def _over(self):
        if self.is_over:
            return
        self.is_over = True
        if self.session:
            self.owner.link_lost(self)
        elif not self.opened.done():
            self.opened.set_exception(closing_error(self.closed or {}))


def closing_error(closed):
    """Why a socket ended; only a server's own word keeps its client away."""
    may_return = closed.get("reconnect") is not False
    return ClientError.of({**closed, "code": closed.get("code", "UNREACHABLE"), "retryable": may_return})
