#!/usr/bin/env python3
"""Right: the selectors module, with a function for each event."""
import argparse
import selectors
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
selector = selectors.DefaultSelector()


def accept():
    connection, _ = listener.accept()
    selector.register(connection, selectors.EVENT_READ, lambda: receive(connection))


def receive(connection):
    data = connection.recv(1024)
    if data:
        connection.sendall(data)
    else:
        selector.unregister(connection)
        connection.close()


selector.register(listener, selectors.EVENT_READ, accept)
while True:
    for key, _ in selector.select():
        key.data()
