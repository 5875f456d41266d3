# SPDX-License-Identifier: MIT
# A service manager's hand: activate.py NAME=ADDRESS... -- COMMAND... becomes the command with listening sockets from
# descriptor 3 on. ADDRESS is a path or HOST:PORT. "pid=N" says to whom LISTEN_PID gives them, "names=no" leaves the names out.
import os
import socket
import sys

split = sys.argv.index("--")
given = [word.split("=", 1) for word in sys.argv[1:split]]
settings = {name: value for name, value in given if name in ("pid", "names")}
sockets = []
for name, address in given:
    if name in settings:
        continue
    if "/" in address:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
    else:
        host, port = address.rsplit(":", 1)
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
        # The test learns which port it is.
        with open(name, "w") as file:
            file.write(str(listener.getsockname()[1]))
        name = os.path.basename(name)
    listener.listen()
    sockets.append((name, listener))
# First out of the way, then into place.
high = [os.dup2(listener.fileno(), 100 + index) for index, (_, listener) in enumerate(sockets)]
for index, descriptor in enumerate(high):
    os.dup2(descriptor, 3 + index)
    os.close(descriptor)
os.environ["LISTEN_FDS"] = str(len(sockets))
os.environ["LISTEN_PID"] = settings.get("pid", str(os.getpid()))
if settings.get("names") != "no":
    os.environ["LISTEN_FDNAMES"] = ":".join(name for name, _ in sockets)
os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])
