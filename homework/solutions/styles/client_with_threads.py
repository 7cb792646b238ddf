#!/usr/bin/env python3
"""Right: a thread shows the replies, the main thread sends."""
import argparse
import socket
import sys
import threading

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))


def show():
    while data := connection.recv(1024):
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


thread = threading.Thread(target=show)
thread.start()
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n')
    if not line:
        break
    connection.sendall(line.encode() + b'\n')
connection.shutdown(socket.SHUT_WR)
thread.join()
