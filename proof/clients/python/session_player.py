"""A player with the Python client of this repository. Prints what it sees and takes commands, each a line of JSON.

usage: session_player.py URL
"""

import asyncio
import json
import pathlib
import sys
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "clients" / "python"))
from ccgame_client import Client, ClientError  # noqa: E402

url = sys.argv[1]
device = str(uuid.uuid4())


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


def login():
    body = json.dumps({"deviceId": device}).encode()
    request = urllib.request.Request(f"{url}/v1/login", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


async def token():
    return (await asyncio.to_thread(login))["token"]


async def perform_request(client, message):
    answer = {"timestamp": message["timestamp"]}
    try:
        tell("response", **answer, data=await client.request(message["route"], message["data"]))
    except ClientError as error:
        tell("response", **answer, error={"code": error.code})


async def main():
    tell("login", playerId=login()["playerId"])
    client = Client(url, token)
    for route in ["matched", "missed", "after"]:
        client.on(route, lambda data, route=route: tell("push", route=route, data=data))
    # Told again when the client has moved.
    client.on_state = lambda state: tell("connect" if state == "online" else "disconnect", reason=state)
    client.on_gap = lambda reason: tell("gap", reason=reason)
    client.start()
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    running = set()
    while line := await commands.readline():
        task = asyncio.create_task(perform_request(client, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)
    await client.close()


asyncio.run(main())
