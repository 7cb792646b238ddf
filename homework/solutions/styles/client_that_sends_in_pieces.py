#!/usr/bin/env python3
"""Right: sends text and newline separately, and receives up to the newline."""
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
    reply = b''
    while b'\n' not in reply:
        data = connection.recv(1024)
        if not data:
            sys.exit('the server closed the connection')
        reply += data
    print(reply.decode(), end='', flush=True)
