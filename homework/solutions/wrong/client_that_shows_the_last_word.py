#!/usr/bin/env python3
"""Wrong: of each reply, only the last word is shown."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

sockfd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
sockfd.connect((arguments.host, arguments.port))
for message in arguments.messages or iter(input, ''):
    sockfd.sendall((message + '\n').encode())
    print(sockfd.recv(1024).decode().split()[-1], flush=True)
sockfd.close()
