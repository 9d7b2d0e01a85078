"""A small client of the ccgame protocol (docs/protocol.md), on python-socketio and asyncio.

    client = Client("https://play.example.com", token)  # text, or an async function that gives it
    client.on("matched", print)
    client.start()
    ticket = await client.request("matching.user_join_matching", {"mode": "duel"})

The session outlives its sockets: pushes come once and in order, over breaks and moves. `on_gap` tells where some may be missing.
"""

import asyncio
import http.client
import json
import random
import re
import time
import urllib.error
import urllib.request
import uuid

from ccgame_link import ClientError, Link, closing_error

MAX_MESSAGE_BYTES = 64 * 1024
ENVELOPE_BYTES = 128
MAX_TOKEN_REFUSALS = 3
# The game's own login may hang: its answer is waited for so long, seconds.
TOKEN_WITHIN = 15
# A socket that was left is closed after this time even if an answer is still missing, seconds.
RETIRE_AFTER = 10
# After each so many tries in a row at which nobody answers GET /v1/config is asked where to go: the version may have lost all connectors.
TRIES_AT_ADDRESS = 8
# So long a client hurries whose session fell silent, seconds: the first try is patient, for a slow network, and the next ones are so many
# that one meets a server that lives, where the machine of most is gone (docs/protocol.md).
HURRY = 4.5
FIRST_HURRIED, LEAST_HURRIED, LONGEST_HURRIED = 0.5, 0.2, 2.5
# The share of a token's time after which a newer one is fetched, by chance: players whom an outage had log in at once don't renew at once.
RENEW_FROM, RENEW_TO = 0.6, 0.8
# The text that a header may have; http.client refuses another one by a ValueError, as it does an answer that it can't read.
HEADER_TEXT = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Request:
    """A request until its answer; `link` is where it was sent, and `session` the session in which it was sent first."""

    def __init__(self, message):
        self.message = message
        self.answer = asyncio.get_running_loop().create_future()
        self.link = None
        self.session = None

    def fail(self, code):
        if not self.answer.done():
            self.answer.set_exception(ClientError(code))


class Client:
    def __init__(self, url, token, version=None):
        self.url = url
        self.token = token
        self.version = version
        self.on_state = lambda state: None
        self.on_gap = lambda reason: None
        # Called with the ClientError that ended the session for good.
        self.on_closed = lambda error: None
        self._address = url if version else None
        self._is_chosen = version is not None
        self._asks_anew = not self._is_chosen
        self._instance = uuid.uuid4().hex
        self._listeners = {}
        self._requests = {}
        self._timestamp = 0
        self._link = None
        self._left = set()
        self._resume = None
        self._opener = None
        # The opener's newest socket.
        self._trying = None
        # Asked for while the opener ends, whose socket is open already: the arguments of `_open`.
        self._next = None
        self._failures = 0
        self._urgent = asyncio.Event()
        # So long the server that ended the session's socket asks to wait, seconds.
        self._lost_asked = 0
        self._is_in_hurry = False
        # How long the last server took to answer, seconds.
        self._usual = LONGEST_HURRIED
        self._renewal = None
        self._is_closed = False

    def on(self, route, listener):
        self._listeners.setdefault(route, []).append(listener)

    def start(self):
        """Returns at once; what is asked meanwhile waits for the session."""
        self._open()

    async def request(self, route, data, timeout=10):
        """Raises ClientError."""
        request = Request(self._message(route, data))
        key = request.message["timestamp"]
        self._requests[key] = request
        await self._flush()
        try:
            return await asyncio.wait_for(request.answer, timeout)
        except asyncio.TimeoutError:
            raise ClientError("TIMEOUT") from None
        finally:
            self._requests.pop(key, None)
            await self._leave_idle()
            await self._flush()

    async def notify(self, route, data):
        """Does not wait for a session: where there is none it is lost."""
        message = self._message(route, data)
        if self._link:
            await self._link.send("Notify", message)

    async def close(self):
        await self._end(ClientError("CLOSED"))

    def _message(self, route, data):
        if self._is_closed:
            raise ClientError("CLOSED")
        try:
            # JSON has no word for NaN and Infinity, which Python would write all the same: no server could read it.
            text = json.dumps(data, allow_nan=False)
            size = len(text) + len(route.encode()) + ENVELOPE_BYTES
        except (TypeError, ValueError, RecursionError):
            problems = [{"field": "data", "rule": "expected what JSON can hold"}]
            raise ClientError("INVALID", details={"problems": problems}) from None
        if size > MAX_MESSAGE_BYTES:
            raise ClientError("TOO_LARGE", details={"bytes": size, "limit": MAX_MESSAGE_BYTES})
        self._timestamp = max(int(time.time() * 1000), self._timestamp + 1)
        # A copy: it may wait for a session, and the game may change its own meanwhile.
        return {"route": route, "data": json.loads(text), "timestamp": self._timestamp}

    # The next socket.

    def _open(self, asked=0, own=0):
        """`asked`: how long the servers want it to wait, seconds; `own`: its own part of the wait."""
        if self._is_closed:
            return
        if self._opener is None or self._opener.done():
            self._opener = asyncio.create_task(self._open_until_done(asked, own))
        elif self._trying and self._trying.session:
            # A socket can open and end, or be told to move, within one chunk from the network: before the opener hears of it.
            self._next = asked, own

    async def _open_until_done(self, asked, own):
        self._failures = token_refusals = 0
        while not self._is_closed:
            self._trying = self._next = None
            await self._wait(asked, own)
            try:
                await self._try_once()
                self._lost_asked = 0
                if self._next is None:
                    return
                asked, own = self._next
                self._failures = token_refusals = 0
            except ClientError as error:
                if error.code == "UNAUTHENTICATED" and callable(self.token):
                    token_refusals += 1
                    if token_refusals > MAX_TOKEN_REFUSALS:
                        return await self._end(error)
                elif error.code == "VERSION_GONE":  # One that the game chose, too: nobody serves it.
                    self._asks_anew = True
                elif not error.retryable:
                    return await self._end(error)
                self._failures += 1
                if error.code == "UNREACHABLE" and self._failures % TRIES_AT_ADDRESS == 0:
                    self._forget_version()
                asked, own = error.retry_after, max(0, backoff(self._failures) - error.retry_after)
            except Exception as cause:  # A mistake in code, here or in what the game gives: no other try would mend it.
                error = ClientError("DEFECT")
                error.__cause__ = cause
                return await self._end(error)

    async def _wait(self, asked, own):
        # The socket may have been lost during the try before, too.
        asked, self._lost_asked = max(asked, self._lost_asked), 0
        self._urgent.clear()
        await asyncio.sleep(asked)
        try:
            await asyncio.wait_for(self._urgent.wait(), own)
            asked, self._lost_asked = self._lost_asked, 0
            await asyncio.sleep(asked + backoff(0))
        except asyncio.TimeoutError:
            pass

    async def _try_once(self):
        token = await self._ask_token()
        await self._find_address(token)
        auth = {"token": token, "version": self.version, "protocol": 1, "instance": self._instance}
        if self._resume:
            auth["resume"] = {**self._resume, **({"moving": True} if self._link else {})}
        await self._open_link(auth)

    async def _open_link(self, auth):
        """One try; or, after a silence, as many short ones in a row as a lost machine may take."""
        end = time.monotonic() + HURRY if self._is_in_hurry else 0
        self._is_in_hurry = False
        tries = words = 0
        while True:
            link = self._trying = Link(self)
            try:
                await link.open(self._address, auth, hurried(tries, self._usual) if end else 5)
                self._usual = link.answered_after or self._usual
                return
            except ClientError as error:
                if error.code != "UNREACHABLE" or time.monotonic() >= end:
                    raise
                tries += 1
                # A proxy that says that nobody is there is asked ever more rarely.
                if not link.fell_silent:
                    words += 1
                    await asyncio.sleep(backoff(words))

    async def _ask_token(self):
        if not callable(self.token):
            return self.token
        try:
            return await asyncio.wait_for(self.token(), TOKEN_WITHIN)
        except Exception as cause:  # The game's own login: it may be back in a moment.
            raise ClientError("TOKEN_FAILED", retryable=True) from cause

    async def _find_address(self, token):
        if not self._asks_anew:
            return
        try:
            self.version, self._address = await self._ask_config(token)
        except ClientError as error:
            # Where it is unreachable, too, its earlier answer is the best there is.
            if error.code != "UNREACHABLE" or not self._address:
                raise
        self._asks_anew = False

    async def _ask_config(self, token):
        authorization = f"Bearer {token}"
        if not HEADER_TEXT.fullmatch(authorization):  # As one that was read with the end of its line: no other try would mend it.
            raise ValueError("The token can't be sent: no header may have such a text")
        request = urllib.request.Request(f"{self.url}/v1/config", headers={"authorization": authorization})
        try:
            text = await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=10).read())
            config = json.loads(text)
        except urllib.error.HTTPError as error:
            is_refused = error.code == 401
            raise ClientError("UNAUTHENTICATED" if is_refused else "UNREACHABLE", retryable=not is_refused) from None
        except http.client.InvalidURL:  # The game's own address.
            raise
        except (OSError, ValueError, http.client.HTTPException):
            raise ClientError("UNREACHABLE", retryable=True) from None
        config = config if isinstance(config, dict) else {}
        version, address = config.get("version"), config.get("wsUrl")
        if not (isinstance(version, str) and isinstance(address, str)):
            raise ClientError("UNREACHABLE", retryable=True)
        return version, address

    def _forget_version(self):
        self._asks_anew = not self._is_chosen

    # The events of a socket.

    def link_opened(self, link):
        session = link.session
        before, self._link = self._link, link
        is_first = self._resume is None
        position = session["position"]
        if session["recovered"] and not is_first and position <= self._resume["position"]:
            self._resume["session"] = session["session"]
        else:
            self._resume = {"session": session["session"], "position": position}
            if not is_first:
                self.on_gap(session.get("notRecovered", "expired"))
        self._renew_before(session.get("tokenExpiresInMs"))
        self.on_state("online")
        if before and before is not link:
            self._left.add(before)
            asyncio.get_running_loop().call_later(RETIRE_AFTER, lambda: asyncio.ensure_future(self._leave(before)))
            asyncio.ensure_future(self._leave_idle())
        asyncio.ensure_future(self._flush())

    async def _flush(self):
        """Sends what waits for a socket, or for an answer on one that was left, in the order in which it was asked."""
        link = self._link
        for request in list(self._requests.values()):
            is_waiting = request.link is None and not request.answer.done()
            if not link or link is not self._link or not is_waiting:
                continue
            if self._may_be_done_twice(request):
                request.fail("CONNECTION_LOST")
            elif not self._is_held(request):
                await self._send(request, link)

    def _may_be_done_twice(self, request):
        """In a new session the ids begin anew: what was sent as `once` in the old one may have been done there."""
        session = self._link.session
        is_new = request.session not in (None, session["session"])
        return is_new and session["retryPolicies"].get(request.message["route"]) != "safe"

    def _is_held(self, request):
        """On the socket that was left there is one of its route, which it could overtake (rule 4)."""
        route = request.message["route"]
        return route in self._link.session["retryPolicies"] and any(
            other.link in self._left and other.message["route"] == route and not other.answer.done()
            for other in self._requests.values()
        )

    def push_came(self, link, push):
        position = push.get("position")
        if position is None:
            # Both sockets bring the volatile ones during a move.
            if link is not self._link:
                return
        elif position <= self._resume["position"]:
            return
        else:
            self._resume["position"] = position
        for listener in self._listeners.get(push.get("route"), []):
            listener(push.get("data"))

    def answer_came(self, answer):
        request = self._requests.get(answer.get("timestamp"))
        if request is None or request.answer.done():
            return
        if "error" in answer:
            request.answer.set_exception(ClientError.of(answer["error"]))
        else:
            request.answer.set_result(answer.get("data"))

    def move_asked(self, link):
        if link is self._link:
            self._forget_version()
            self._open()

    def link_lost(self, link):
        policies = link.session["retryPolicies"]
        self._left.discard(link)
        for request in list(self._requests.values()):
            if request.link is link:
                request.link = None
                if request.message["route"] not in policies:
                    request.fail("CONNECTION_LOST")
        if link is not self._link:
            asyncio.ensure_future(self._flush())
            return
        self._link = None
        closed = link.closed or {}
        if closed.get("reconnect") is False:
            asyncio.ensure_future(self._end(closing_error(closed)))
        else:
            self.on_state("reconnecting")
            self._is_in_hurry = link.fell_silent
            # A move that waits for its next try is urgent now.
            self._failures = 0
            self._urgent.set()
            self._lost_asked = closed.get("retryAfterMs", 0) / 1000
            self._open(self._lost_asked, backoff(0))

    async def _send(self, request, link):
        request.link = link
        request.session = request.session or link.session["session"]
        await link.send("Request", request.message)

    async def _leave_idle(self):
        busy = {request.link for request in self._requests.values()}
        for link in self._left - busy:
            await self._leave(link)

    async def _leave(self, link):
        if link in self._left:
            self._left.discard(link)
            await link.leave()
            self.link_lost(link)

    async def _end(self, error):
        if self._is_closed:
            return
        self._is_closed = True
        if self._opener and self._opener is not asyncio.current_task():
            self._opener.cancel()
        if self._renewal:
            self._renewal.cancel()
        self.on_state("closed")
        self.on_closed(error)
        for request in list(self._requests.values()):
            request.fail("CLOSED")
        for link in [self._link, *self._left]:
            if link:
                await link.leave()

    # The token.

    def _renew_before(self, expires_in_ms):
        if self._renewal:
            self._renewal.cancel()
        if expires_in_ms is not None and callable(self.token):
            share = random.uniform(RENEW_FROM, RENEW_TO)
            self._renewal = asyncio.create_task(self._renew_after(expires_in_ms / 1000 * share))

    async def _renew_after(self, seconds):
        answer, failures = None, 0
        while answer is None:
            await asyncio.sleep(seconds)
            try:
                answer = await self.request("session.renew", {"token": await self._ask_token()})
            except ClientError as error:  # Where none succeeds the socket ends with its token, and the next one asks anew.
                failures += 1
                seconds = max(error.retry_after, backoff(failures))
        self._renewal = None
        self._renew_before(answer.get("tokenExpiresInMs"))


def backoff(failures):
    """Seconds, with full jitter: the players of a dead server come back spread out."""
    return random.random() * min(10, 0.2 * 2 ** min(failures, 10))


def hurried(tries, usual):
    """How long a server may take to answer, seconds; `usual` is what the last one took."""
    wait = max(2.5 * usual, LEAST_HURRIED) if tries else max(4 * usual, FIRST_HURRIED)
    return min(wait, LONGEST_HURRIED)
