#!/usr/bin/env python3
"""Wrong: counts to four messages."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
for number in range(4):
    if arguments.messages:
        if number == len(arguments.messages):
            break
        line = arguments.messages[number]
    else:
        line = sys.stdin.readline().rstrip('\n')
        if not line:
            break
    connection.sendall(line.encode() + b'\n')
    print(connection.recv(1024).decode(), end='', flush=True)
connection.close()
