#!/usr/bin/env python3
"""Right: a thread for each client."""
import argparse
import socket
import threading

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)


def serve(connection):
    with connection:
        while data := connection.recv(4096):
            connection.sendall(data)


while True:
    threading.Thread(target=serve, args=listener.accept()[:1]).start()
