#!/usr/bin/env python3
"""Right: one thread receives, another sends."""
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


def receive(connection, received):
    while data := connection.recv(1024):
        received.put(data)
    received.put(None)


def send(connection, received):
    while data := received.get():
        connection.sendall(data)
    connection.close()


while True:
    connection, _ = listener.accept()
    received = queue.Queue()
    for work in [receive, send]:
        threading.Thread(target=work, args=(connection, received)).start()
