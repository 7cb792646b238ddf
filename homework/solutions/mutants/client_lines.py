#!/usr/bin/env python3
"""A right client: makefile and readline, and a shutdown after the last message. See client.py."""
import argparse
import os
import select
import socket
import sys
import time

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()  # options


def lines():
    """The messages of the command line, or the lines of standard input up to an empty one."""
    if arguments.messages:
        yield from (message + '\n' for message in arguments.messages)
        return
    while True:
        line = sys.stdin.readline()  # read
        if not line:
            break  # end
        if line == '\n':
            break  # empty
        yield line.rstrip('\n') + '\n'


connection = socket.create_connection((arguments.host, arguments.port))  # connect
replies = connection.makefile('rb')
number, previous, kept = 0, b'', b''
for text in lines():
    number += 1
    line = text.encode()  # line
    connection.sendall(line)  # send
    reply = replies.readline()  # recv
    if not reply:
        sys.exit('the server closed the connection')
    print(reply.decode(), end='', flush=True)  # show
    previous = reply
connection.shutdown(socket.SHUT_WR)
while replies.readline():
    pass
connection.close()  # close
