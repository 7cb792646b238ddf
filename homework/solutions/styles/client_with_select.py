#!/usr/bin/env python3
"""Right: select waits for a line and for replies at the same time."""
import argparse
import os
import select
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
is_open = not arguments.messages  # whether more input may come
for message in arguments.messages:
    connection.sendall(message.encode() + b'\n')
if arguments.messages:
    connection.shutdown(socket.SHUT_WR)
typed = b''
while True:
    ready = select.select([0, connection] if is_open else [connection], [], [])[0]
    if connection in ready:
        data = connection.recv(4096)
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        piece = os.read(0, 4096)
        typed += piece or b'\n'
        while is_open and b'\n' in typed:
            line, typed = typed.split(b'\n', 1)
            if line:
                connection.sendall(line + b'\n')
            if not line or not piece:
                is_open = False
                connection.shutdown(socket.SHUT_WR)
