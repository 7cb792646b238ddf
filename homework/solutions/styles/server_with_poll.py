#!/usr/bin/env python3
"""Right: poll, one client at a time."""
import argparse
import select
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
while True:
    connection, _ = listener.accept()
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    while True:
        poll.poll()
        data = connection.recv(512)
        if not data:
            break
        connection.sendall(data)
    connection.close()
