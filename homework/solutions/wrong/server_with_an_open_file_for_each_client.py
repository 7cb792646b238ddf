#!/usr/bin/env python3
"""Wrong: opens its log again for each client, and never closes it."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
logs = []
while True:
    connection, _ = listener.accept()
    logs.append(open('/dev/null', 'w'))
    with connection:
        while data := connection.recv(1024):
            print(data, file=logs[-1])
            connection.sendall(data)
