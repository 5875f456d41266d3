#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Drive the family lunatik with the kernel's own Python client (tools/net/ynl/lib), which knows nothing of it but
kmod/lunatik.yaml. Needs what fetch-ynl has fetched and, against the kernel, CAP_NET_ADMIN.

    drive.py                    the module that is loaded
    drive.py --embedded SOCKET  the embedded server behind a unix socket
"""

import argparse
import os
import pathlib
import select
import socket
import struct
import sys
import time
import types

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = pathlib.Path(os.environ.get("LUNATIK_CACHE") or pathlib.Path.home() / ".cache/lunatik")

options = argparse.ArgumentParser()
options.add_argument("--embedded", metavar="SOCKET")
options.add_argument("--ynl", default=CACHE / "ynl", help="the folder that fetch-ynl printed")
options = options.parse_args()

sys.path.insert(0, f"{options.ynl}/tools/net/ynl")
import lib.ynl  # noqa: E402
from lib import NlError, YnlFamily  # noqa: E402


class EmbeddedSocket:
    """A unix socket to the embedded server that behaves as a netlink socket, as far as the client uses one."""

    JOIN = 0x0E  # the message that stands for NETLINK_ADD_MEMBERSHIP

    def __init__(self, *_):
        self.stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.stream.connect(options.embedded)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def fileno(self):
        return self.stream.fileno()

    def bind(self, _):
        pass

    def setsockopt(self, _, name, value):
        if name == lib.ynl.Netlink.NETLINK_ADD_MEMBERSHIP:
            request, ack = 1, 4
            self.send(struct.pack("IHHIIII", 24, self.JOIN, request | ack, 0, 0, value, 1))
            # A member from here on, as behind setsockopt(): other sockets are served at the same time.
            (refused,) = struct.unpack_from("i", self.recv(0), 16)
            if refused:
                raise OSError(-refused, "cannot join the group")

    def send(self, message, _=0):
        self.stream.sendall(message + b"\0" * (-len(message) % 4))

    def recv(self, _, flags=0):
        """One message; netlink's stream has no other boundaries than the lengths in the headers."""
        while True:
            if len(self.received) >= 4:
                (size,) = struct.unpack_from("I", self.received)
                if len(self.received) >= size:
                    message = self.received[:size]
                    self.received = self.received[size + -size % 4 :]
                    return message
            piece = self.stream.recv(1 << 16, flags)
            if not piece:
                raise ConnectionError("the embedded server hung up")
            self.received += piece


if options.embedded:
    names = {name: getattr(socket, name) for name in dir(socket)}
    lib.ynl.socket = types.SimpleNamespace(**{**names, "socket": EmbeddedSocket})


def finished(family, cookie, patience=60):
    """
    The outcome of the run that was asked for with this cookie. execute and call return at the acknowledgement, which
    means "queued"; the outcome is a message of its own, which the client queues with the notifications.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        family.check_ntf()
        for place, message in enumerate(family.async_msg_queue):
            if message["name"] == "finished" and message["msg"]["cookie"] == cookie:
                return family.async_msg_queue.pop(place)["msg"]
        select.select([family.sock], [], [], 0.1)
    raise TimeoutError(f"no outcome for the cookie {cookie}")


passed = 0


def check(what, condition, seen):
    """Counts a fact that holds; ends the program with what was seen for one that does not."""
    global passed
    if not condition:
        sys.exit(f"  FAILED: {what}: {seen!r}\n{passed} passed, 1 failed")
    passed += 1
    print(f"  ok: {what}")


def refusal(operation, request):
    """Errno and text of the refusal that a request must meet, and the attribute it names."""
    try:
        answer = operation(request)
    except NlError as error:
        extack = error.nl_msg.extack or {}
        return -error.nl_msg.error, extack.get("msg", ""), extack.get("bad-attr")
    sys.exit(f"  FAILED: {request!r} was not refused: {answer!r}\n{passed} passed, 1 failed")


def connect():
    return YnlFamily(ROOT / "kmod/lunatik.yaml", f"{options.ynl}/Documentation/netlink/genetlink-legacy.yaml")


def main():
    family = connect()
    # On a client of their own: an event in the middle of a request makes this client (of 6.12) stumble.
    listener = connect()
    listener.ntf_subscribe("events")
    name = f"ynl-{os.getpid()}"

    info = family.info({})
    check("info tells version and backend", info["backend"] in ("kernel", "embedded"), info)

    state = family.create(
        {
            "name": name,
            "description": "made by ynl",
            "libraries": ["string", "table"],
            "max-memory": 4 << 20,
            "create-flags": ["replace"],
        }
    )
    check("create answers with the state", state["name"] == name and state["max-memory"] == 4 << 20, state)
    check("flags have their names", state["libraries"] == {"string", "table"}, state)

    check("get gives one state", family.get({"name": name})["id"] == state["id"], state)
    listed = [item["name"] for item in family.dump("get", {})]
    check("a dump lists it", name in listed, listed)

    family.execute({"state": name, "cookie": 1, "code": b"function add(a, b) return a + b end print('hi') return 1, 'x'"})
    run = finished(family, 1)
    check("execute runs", run["errno"] == 0 and run["state"] == name, run)
    check("results are MessagePack", run["results"] == [b"\x92\x01\xa1x"], run)
    check("output is captured", run["output"] == [b"hi\n"], run)

    family.call({"state": name, "cookie": 2, "function": "add", "arguments": b"\x92\x02\x03"})
    run = finished(family, 2)
    check("call calls", run["results"] == [b"\x91\x05"], run)

    half = b"return '" + b"x" * 40000
    family.execute({"state": name, "cookie": 3, "code": [half, b"y" * 40000 + b"'"]})
    run = finished(family, 3)
    check("a large result stays with the run", "results" not in run and run["results-size"] > 80000, run)
    pieces = [piece for item in family.dump("result", {"id": run["id"], "cookie": 3}) for piece in item.get("results", [])]
    text = b"".join(pieces)
    check("result gives it piece by piece", text[-80000:] == b"x" * 40000 + b"y" * 40000, len(text))
    family.release({"id": run["id"], "cookie": 3})
    seen = refusal(family.release, {"id": run["id"], "cookie": 3})
    check("release forgets it", seen[0] == 2 and seen[1].startswith("ERR_NO_RUN: "), seen)

    family.execute({"state": name, "cookie": 4, "code": b"return +"})
    run = finished(family, 4)
    check("a chunk that does not compile is an outcome", (run["errno"], run["error-code"]) == (8, "ERR_SYNTAX"), run)

    seen = refusal(family.create, {"name": name})
    check("a refusal has errno and code", seen[0] == 17 and seen[1].startswith("ERR_EXISTS: "), seen)
    check("a refusal names the attribute", seen[2] == ".name", seen)
    seen = refusal(family.get, {"name": name, "busy": 1})
    check("an attribute of another request is refused", seen[0] == 95 and seen[2] == ".busy", seen)

    check("cancel reaches nothing in an idle state", family.cancel({"state": name})["count"] == 0, None)
    family.log({})

    family.delete({"name": name, "delete-flags": ["force"]})
    seen = refusal(family.get, {"name": name})
    check("delete deletes", seen[0] == 2 and seen[1].startswith("ERR_NO_STATE: "), seen)

    # They come by another socket than the answers.
    kinds, patience = [], time.monotonic() + 10
    while "deleted" not in kinds and time.monotonic() < patience:
        listener.check_ntf()
        events = [item["msg"] for item in listener.async_msg_queue]
        kinds = [event["type"] for event in events if event.get("state") == name]
        time.sleep(0.01)
    check("the group tells of it all", kinds == ["created", "print", "failed", "deleted"], events)
    numbers = [event["sequence"] for event in events]
    check("events are numbered", numbers == list(range(numbers[0], numbers[0] + len(numbers))), numbers)
    print(f"{passed} passed, 0 failed")


main()
