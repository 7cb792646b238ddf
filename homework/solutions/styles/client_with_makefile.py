#!/usr/bin/env python3
"""Right: one file for both directions."""
import argparse
import socket
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

connection = socket.create_connection((arguments.host, arguments.port))
file = connection.makefile('rw', encoding='utf-8', newline='\n')
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n')
    if not line:
        break
    print(line, file=file, flush=True)
    sys.stdout.write(file.readline())
    sys.stdout.flush()
file.close()
connection.close()
