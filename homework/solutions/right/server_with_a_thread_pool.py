#!/usr/bin/env python3
"""Right: 70 threads, each of which accepts one client after another."""
import argparse
import socket
import threading

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()


def serve():
    while True:
        connection, _ = listener.accept()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)


listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
for _ in range(70):
    threading.Thread(target=serve).start()
