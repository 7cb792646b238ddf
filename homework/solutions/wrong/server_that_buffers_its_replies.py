#!/usr/bin/env python3
"""Wrong: its replies stay in the buffer of a file until it is full or closed."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

sockfd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
sockfd.bind((arguments.host, arguments.port))
sockfd.listen(5)
print('listening on %s:%d' % sockfd.getsockname(), flush=True)
while True:
    connfd, addr = sockfd.accept()
    with connfd, connfd.makefile('wb') as replies:
        while data := connfd.recv(1024):
            replies.write(data)
