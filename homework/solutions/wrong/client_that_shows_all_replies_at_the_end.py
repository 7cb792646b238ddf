#!/usr/bin/env python3
"""Wrong: keeps the replies until the last message."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
replies = []
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n')
    if not line:
        break
    connection.sendall(line.encode() + b'\n')
    replies.append(connection.recv(1024).decode())
print(''.join(replies), end='')
