#!/usr/bin/env python3
"""Wrong: sends 4,096 bytes of a line, and drops the rest."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
while True:
    connection, _ = listener.accept()
    with connection, connection.makefile('rb') as lines:
        for line in lines:
            connection.sendall(line if len(line) <= 4096 else line[:4095] + b'\n')
