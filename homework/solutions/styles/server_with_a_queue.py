#!/usr/bin/env python3
"""Right: one thread accepts, another serves one client after another."""
import argparse
import queue
import socket
import threading

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
accepted = queue.Queue()


def serve():
    while True:
        with accepted.get() as connection:
            while data := connection.recv(1024):
                connection.sendall(data)


threading.Thread(target=serve).start()
while True:
    accepted.put(listener.accept()[0])
