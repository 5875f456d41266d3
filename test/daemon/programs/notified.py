# SPDX-License-Identifier: MIT
# A service manager's ear: binds the datagram socket that is named, and prints each datagram as a line of JSON.
import json
import socket
import sys

address = sys.argv[1]
ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ear.bind("\0" + address[1:] if address.startswith("@") else address)
print(json.dumps("listening"), flush=True)
while True:
    print(json.dumps(ear.recv(65536).decode()), flush=True)
