#!/usr/bin/env python3
"""Right: ends sending before the last reply."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
replies = connection.makefile('r', encoding='utf-8', newline='\n')
for number, message in enumerate(arguments.messages, 1):
    connection.sendall(message.encode() + b'\n')
    if number == len(arguments.messages):
        connection.shutdown(socket.SHUT_WR)
    print(replies.readline(), end='', flush=True)
while not arguments.messages and (line := sys.stdin.readline().rstrip('\n')):
    connection.sendall(line.encode() + b'\n')
    print(replies.readline(), end='', flush=True)
