#!/usr/bin/env python3
"""Right: asks again and again whether there is input or a reply, which costs processor time but no points."""
import argparse
import os
import select
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

server = socket.create_connection((arguments.host, arguments.port))


def receive(file, call):
    while not select.select([file], [], [], 0)[0]:
        pass
    return call()


def lines():
    rest = b''
    while data := receive(sys.stdin, lambda: os.read(0, 1024)):
        *complete, rest = (rest + data).split(b'\n')
        yield from complete
    if rest:
        yield rest


for message in map(str.encode, arguments.messages) if arguments.messages else lines():
    if not message:
        break
    server.sendall(message + b'\n')
    reply = b''
    while not reply.endswith(b'\n'):
        data = receive(server, lambda: server.recv(1024))
        if not data:
            sys.exit('the server has closed the connection')
        reply += data
    sys.stdout.buffer.write(reply)
    sys.stdout.flush()
