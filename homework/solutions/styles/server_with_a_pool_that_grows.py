#!/usr/bin/env python3
"""Right: a pool that starts a thread for each client until it has 32, as Java's fixed thread pool does."""
import argparse
import queue
import socket
import threading

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

waiting = queue.Queue()


def serve():
    while True:
        connection = waiting.get()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)


listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
threads = 0
while True:
    connection, _ = listener.accept()
    waiting.put(connection)
    if threads < 32:
        threads += 1
        threading.Thread(target=serve, daemon=True).start()
