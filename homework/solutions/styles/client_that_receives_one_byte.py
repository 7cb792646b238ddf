#!/usr/bin/env python3
"""Right: receives one byte at a time, up to the newline."""
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
    connection.sendall((line + '\n').encode())
    reply = b''
    while not reply.endswith(b'\n'):
        byte = connection.recv(1)
        if not byte:
            sys.exit('the server closed the connection')
        reply += byte
    print(reply.decode().rstrip('\n'), flush=True)
