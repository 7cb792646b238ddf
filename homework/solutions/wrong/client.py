#!/usr/bin/env python3
"""Wrong, in Python: no loop."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()


def messages():
    yield from arguments.messages
    while not arguments.messages:
        line = input('> ')
        if not line:
            break
        yield line


sockfd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
sockfd.connect((arguments.host, arguments.port))
message = next(messages())
sockfd.send((message + '\n').encode())
data = sockfd.recv(1024)
print(data.decode())
sockfd.close()
