#!/usr/bin/env python3
"""Right: a child process for each client."""
import argparse
import os
import signal
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        while data := connection.recv(1024):
            connection.sendall(data)
        os._exit(0)
    connection.close()
