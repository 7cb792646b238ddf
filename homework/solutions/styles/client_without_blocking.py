#!/usr/bin/env python3
"""Right: a non-blocking socket, and a sleep of 10 ms when there is no reply yet."""
import argparse
import socket
import sys
import time

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
connection.setblocking(False)
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n')
    if not line:
        break
    connection.sendall(line.encode() + b'\n')
    reply = b''
    while not reply.endswith(b'\n'):
        try:
            reply += connection.recv(1024)
        except BlockingIOError:
            time.sleep(0.01)
    print(reply.decode().strip(), flush=True)
