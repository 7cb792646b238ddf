#!/usr/bin/env python3
"""Right: non-blocking sockets, and a sleep of 10 ms when there is nothing to do."""
import argparse
import socket
import time

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
listener.setblocking(False)
connections = []
while True:
    idle = True
    try:
        connections.append(listener.accept()[0])
    except BlockingIOError:
        pass
    for connection in connections[:]:
        try:
            connection.setblocking(False)
            data = connection.recv(1024)
        except BlockingIOError:
            continue
        idle = False
        if data:
            connection.setblocking(True)
            connection.sendall(data)
        else:
            connection.close()
            connections.remove(connection)
    if idle:
        time.sleep(0.01)
