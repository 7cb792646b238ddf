#!/usr/bin/env python3
"""Right: a signal ten times in a second interrupts input and recv."""
import argparse
import signal
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
messages = iter(arguments.messages)
while True:
    message = next(messages, '') if arguments.messages else sys.stdin.readline().strip('\n')
    if not message:
        break
    connection.sendall(message.encode() + b'\n')
    print(connection.recv(4096).decode(), end='', flush=True)
signal.setitimer(signal.ITIMER_REAL, 0)
