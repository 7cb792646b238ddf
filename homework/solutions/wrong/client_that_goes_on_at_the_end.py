#!/usr/bin/env python3
"""Wrong: takes the end of input for one more empty message."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
while True:
    if arguments.messages:
        line = arguments.messages.pop(0) + '\n'
    else:
        line = sys.stdin.readline() or '\n'
    connection.sendall(line.encode())
    print(connection.recv(1024).decode(), end='', flush=True)
