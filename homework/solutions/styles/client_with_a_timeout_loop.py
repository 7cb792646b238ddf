#!/usr/bin/env python3
"""Right: recv with a timeout of 0.2 s, which it calls again."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
connection.settimeout(0.2)
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n')
    if not line:
        break
    connection.sendall(line.encode() + b'\n')
    while True:
        try:
            reply = connection.recv(1024)
            break
        except TimeoutError:
            continue
    print(reply.decode().rstrip('\n'), flush=True)
