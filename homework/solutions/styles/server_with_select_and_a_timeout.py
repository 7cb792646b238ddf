#!/usr/bin/env python3
"""Right: select that returns twice in a second, to look for other work."""
import argparse
import select
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
connections = []
while True:
    for ready in select.select([listener, *connections], [], [], 0.5)[0]:
        if ready is listener:
            connections.append(listener.accept()[0])
        elif data := ready.recv(100):
            ready.sendall(data)
        else:
            ready.close()
            connections.remove(ready)
