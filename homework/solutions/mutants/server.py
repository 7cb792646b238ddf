#!/usr/bin/env python3
"""A right server: one client at a time, sendall, and a buffer of 1,024 bytes.

The operators in server.toml edit the lines that end with a label, such as `# recv`. The variables
that this program doesn't use are for them.
"""
import argparse
import os
import select
import socket
import sys
import threading
import time

SIZE = 1024
arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()  # options

clients = 0
kept = bytearray()  # from one client to the next
opened = []  # what is never closed

listener = socket.socket()
listener.bind((arguments.host, arguments.port))
listener.listen(5)  # listen
print('listening on %s:%d' % listener.getsockname(), flush=True)  # announce
while True:
    connection, address = listener.accept()  # accept
    clients += 1  # accepted
    messages, total, column, previous, started = 0, 0, 0, b'', time.time()  # serve
    while True:
        data = connection.recv(SIZE)  # recv
        if not data:
            break  # end
        messages += 1
        total += len(data)
        connection.sendall(data)  # send
        previous = data
    connection.close()  # close
