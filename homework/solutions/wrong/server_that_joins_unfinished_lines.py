#!/usr/bin/env python3
"""Wrong: what follows the last newline of a client stays for the next one."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
unfinished = b''
while True:
    connection, _ = listener.accept()
    with connection:
        while data := connection.recv(1024):
            *lines, unfinished = (unfinished + data).split(b'\n')
            for line in lines:
                connection.sendall(line + b'\n')
