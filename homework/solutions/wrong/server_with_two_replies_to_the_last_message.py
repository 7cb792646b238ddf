#!/usr/bin/env python3
"""Wrong: sends the last message again when the client is done."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
while True:
    connection, _ = listener.accept()
    last = b''
    while True:
        data = connection.recv(1024)
        if data:
            last = data
        else:
            connection.sendall(last)
            break
        connection.sendall(data)
    connection.close()
