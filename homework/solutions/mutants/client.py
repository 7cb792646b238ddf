#!/usr/bin/env python3
"""A right client: one recv for each line.

The operators in client.toml edit the lines that end with a label, such as `# recv`. The variables
that this program doesn't use are for them.
"""
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
    yield from (message + '\n' for message in arguments.messages)
    while not arguments.messages:
        line = sys.stdin.readline()  # read
        if not line:
            break  # end
        if line == '\n':
            break  # empty
        yield line.rstrip('\n') + '\n'


connection = socket.create_connection((arguments.host, arguments.port))  # connect
number, previous, kept = 0, b'', b''
for text in lines():
    number += 1
    line = text.encode()  # line
    connection.sendall(line)  # send
    reply = connection.recv(1024)  # recv
    if not reply:
        sys.exit('the server closed the connection')
    print(reply.decode(), end='', flush=True)  # show
    previous = reply
connection.close()  # close
