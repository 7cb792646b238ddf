#!/usr/bin/env python3
"""A right server: a thread for each client, and a buffer of 4,096 bytes. See server.py."""
import argparse
import os
import select
import socket
import sys
import threading
import time

SIZE = 4096
arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()  # options

clients = 0
kept = bytearray()  # from one client to the next
opened = []  # what is never closed


def serve(connection, clients):
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


listener = socket.socket()
listener.bind((arguments.host, arguments.port))
listener.listen(5)  # listen
print('listening on %s:%d' % listener.getsockname(), flush=True)  # announce
while True:
    connection, address = listener.accept()  # accept
    clients += 1  # accepted
    threading.Thread(target=serve, args=(connection, clients), daemon=True).start()
