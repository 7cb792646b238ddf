#!/usr/bin/env python3
"""Wrong: ignores --port."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, 8888))
for line in arguments.messages or sys.stdin:
    connection.sendall(line.rstrip('\n').encode() + b'\n')
    print(connection.recv(1024).decode(), end='', flush=True)
