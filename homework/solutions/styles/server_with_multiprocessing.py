#!/usr/bin/env python3
"""Right: a process of the multiprocessing module for each client."""
import argparse
import multiprocessing
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)


def serve(connection):
    while data := connection.recv(1024):
        connection.sendall(data)


processes = multiprocessing.get_context('fork')
while True:
    connection, _ = listener.accept()
    processes.Process(target=serve, args=(connection,)).start()
    connection.close()
    multiprocessing.active_children()  # waits for those that have ended
