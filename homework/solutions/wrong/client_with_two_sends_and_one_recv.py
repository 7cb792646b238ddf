#!/usr/bin/env python3
"""Wrong: sends text and newline separately, and takes one recv for the whole reply."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n')
    if not line:
        break
    connection.send(line.encode())
    connection.send(b'\n')
    print(connection.recv(1024).decode().rstrip('\n'), flush=True)
