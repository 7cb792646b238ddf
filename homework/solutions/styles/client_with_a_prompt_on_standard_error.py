#!/usr/bin/env python3
"""Right: prompts and steps on standard error."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
print('已连接', connection.getpeername(), file=sys.stderr)
messages = iter(arguments.messages)
while True:
    if arguments.messages:
        message = next(messages, '')
    else:
        print('请输入：', end='', file=sys.stderr, flush=True)
        message = sys.stdin.readline().rstrip('\n')
    if message == '':
        break
    connection.send(message.encode() + b'\n')
    print(connection.recv(1024).decode().strip(), flush=True)
print('再见', file=sys.stderr)
connection.close()
