#!/usr/bin/env python3
"""Wrong: the first reply ends with what an earlier client's was longer."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
buffer = bytearray(1024)
while True:
    connection, _ = listener.accept()
    with connection:
        length = longest = 0
        first = True
        while length := connection.recv_into(buffer):
            longest = len(buffer.rstrip(b'\0')) if first else length
            connection.sendall(buffer[:longest])
            first = False
