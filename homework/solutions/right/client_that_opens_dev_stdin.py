#!/usr/bin/env python3
"""Right, in Python: standard input is opened by its path."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

with socket.create_connection((arguments.host, arguments.port)) as server:
    replies = server.makefile('rb')
    for message in arguments.messages or open('/dev/stdin', encoding='utf-8'):
        message = message.rstrip('\n')
        if not message:
            break
        server.sendall(message.encode() + b'\n')
        print(replies.readline().decode(), end='', flush=True)
