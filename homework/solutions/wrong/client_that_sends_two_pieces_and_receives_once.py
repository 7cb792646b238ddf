#!/usr/bin/env python3
"""Wrong: sends each line in two pieces, and calls recv once for the reply."""
import argparse
import concurrent.futures
import socket
import sys
import time

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments.add_argument('messages', nargs='*')
arguments = arguments.parse_args()

thread = concurrent.futures.ThreadPoolExecutor(1)
connection = socket.create_connection((arguments.host, arguments.port))
for line in arguments.messages or sys.stdin:
    line = line.rstrip('\n').encode()
    if not line:
        break
    reply = thread.submit(connection.recv, 1024)
    connection.send(line[:1])
    # Otherwise it's a matter of timing in how many pieces the reply comes, and how many recv returns.
    time.sleep(0.1)
    connection.send(line[1:] + b'\n')
    sys.stdout.buffer.write(reply.result())
    sys.stdout.buffer.flush()
