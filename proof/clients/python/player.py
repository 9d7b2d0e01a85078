"""A player with python-socketio as it comes. Prints what it sees and takes commands, each a line of JSON.

usage: player.py URL
"""

import json
import sys
import threading
import urllib.request
import uuid

import socketio

url = sys.argv[1]
telling = threading.Lock()


def tell(event, **facts):
    # The library calls from several threads, whose lines must not run into each other.
    with telling:
        print(json.dumps({"event": event, **facts}), flush=True)


def login():
    body = json.dumps({"deviceId": str(uuid.uuid4())}).encode()
    request = urllib.request.Request(f"{url}/v1/login", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


client = socketio.Client()


@client.event
def connect():
    tell("connect")


@client.event
def disconnect(reason):
    tell("disconnect", reason=reason)


@client.on("Push")
def push(message):
    tell("push", route=message["route"], data=message["data"])


@client.on("Response")
def response(answer):
    tell("response", timestamp=answer["timestamp"], data=answer.get("data"), error=answer.get("error"))


account = login()
tell("login", playerId=account["playerId"])
client.connect(url, transports=["websocket"], auth={"token": account["token"]}, retry=True)
for line in sys.stdin:
    client.emit("Request", json.loads(line))
client.disconnect()
