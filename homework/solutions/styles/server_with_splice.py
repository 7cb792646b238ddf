#!/usr/bin/env python3
"""Right: splice moves the bytes through a pipe in the kernel."""
import argparse
import os
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
out, into = os.pipe()
while True:
    connection, _ = listener.accept()
    with connection:
        while (left := os.splice(connection.fileno(), into, 4096)) > 0:
            while left > 0:
                left -= os.splice(out, connection.fileno(), left)
