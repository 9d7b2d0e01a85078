"""The Python client as a program for the conformance kit: commands and what it tells are lines of JSON (clients/README.md)."""

import asyncio
import json
import sys

from ccgame_client import Client, ClientError


def tell(**line):
    print(json.dumps(line), flush=True)


async def perform_request(client, command):
    try:
        timeout = command["timeoutMs"] / 1000
        data = await client.request(command["route"], command["data"], timeout=timeout)
        tell(event="answer", id=command["id"], data=data)
    except ClientError as error:
        tell(event="refused", id=command["id"], code=error.code, retryable=error.retryable)


def connect(command):
    tokens = command["tokens"]

    async def next_token():
        token = tokens.pop(0) if len(tokens) > 1 else tokens[0]
        if token is None:
            raise OSError("the login can't be reached")
        if token is False:
            await asyncio.Event().wait()
        return token

    client = Client(command["url"], next_token, version=command.get("version"))
    client.on("said", lambda data: tell(event="push", route="said", data=data))
    client.on_state = lambda state: tell(event="state", state=state)
    client.on_gap = lambda reason: tell(event="gap")
    client.on_closed = lambda error: tell(event="closed", code=error.code)
    client.start()
    return client


async def main():
    commands = asyncio.StreamReader(limit=2**20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    client, running = None, set()
    while line := await commands.readline():
        command = json.loads(line)
        if command["do"] == "connect":
            client = connect(command)
        elif command["do"] == "close":
            await client.close()
        elif command["do"] == "notify":
            await client.notify(command["route"], command["data"])
        else:
            task = asyncio.create_task(perform_request(client, command))
            running.add(task)
            task.add_done_callback(running.discard)


asyncio.run(main())
