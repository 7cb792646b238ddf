#!/usr/bin/env python3
"""Wrong: the list of what to send back grows with every client."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
send = []
while True:
    connection, _ = listener.accept()
    send.append(connection)
    while data := connection.recv(1024):
        for client in send:
            connection.sendall(data)
    connection.close()
