#!/usr/bin/env python3
"""Right: recv with a timeout of 0.2 s, which it calls again."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
listener.settimeout(0.2)
while True:
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        continue
    connection.settimeout(0.2)
    while True:
        try:
            data = connection.recv(1024)
        except TimeoutError:
            continue
        if not data:
            break
        connection.sendall(data)
    connection.close()
