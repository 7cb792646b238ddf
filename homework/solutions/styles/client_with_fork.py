#!/usr/bin/env python3
"""Right: a child process shows the replies."""
import argparse
import os
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
child = os.fork()
if child == 0:
    while data := connection.recv(1024):
        os.write(1, data)
    os._exit(0)
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n')
    if not line:
        break
    connection.sendall(line.encode() + b'\n')
connection.shutdown(socket.SHUT_WR)
os.waitpid(child, 0)
