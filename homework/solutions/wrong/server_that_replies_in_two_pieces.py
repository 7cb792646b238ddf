#!/usr/bin/env python3
"""Wrong with a client that calls recv once for each line: sends the first byte of each reply before the rest."""
import argparse
import contextlib
import socket
import time

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
while True:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(ConnectionError):
        while data := connection.recv(4096):
            connection.sendall(data[:1])
            # Otherwise it's a matter of timing whether a client's recv returns both.
            time.sleep(0.1)
            connection.sendall(data[1:])
