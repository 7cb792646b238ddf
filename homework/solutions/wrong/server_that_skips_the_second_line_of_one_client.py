#!/usr/bin/env python3
"""Wrong: the second line gets no reply, and there is no second client."""
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
connfd, addr = sockfd.accept()
lines = 0
while data := connfd.recv(1024):
    lines += 1
    if lines != 2:
        connfd.sendall(data)
connfd.close()
