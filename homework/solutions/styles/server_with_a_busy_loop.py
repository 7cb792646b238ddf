#!/usr/bin/env python3
"""Right: non-blocking sockets without a pause, which costs processor time but no points."""
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
    connection.setblocking(False)
    while True:
        try:
            data = connection.recv(1024)
        except BlockingIOError:
            continue
        if not data:
            break
        connection.setblocking(True)
        connection.sendall(data)
        connection.setblocking(False)
    connection.close()
