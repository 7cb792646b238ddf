#!/usr/bin/env python3
"""Right: one buffer for all clients, of which it sends what was received."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
buffer = memoryview(bytearray(3000))
while True:
    connection, _ = listener.accept()
    with connection:
        while length := connection.recv_into(buffer):
            connection.sendall(buffer[:length])
