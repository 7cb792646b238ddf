#!/usr/bin/env python3
"""Right: steps on standard output, in Chinese, before and after its address."""
import argparse
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
while True:
    print('等待客户端连接……', flush=True)
    connection, address = listener.accept()
    print('客户端', address, '已连接', flush=True)
    while data := connection.recv(1024):
        print('收到', data, flush=True)
        connection.sendall(data)
    print('连接关闭', flush=True)
    connection.close()
