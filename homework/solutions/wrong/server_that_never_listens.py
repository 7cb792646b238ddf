#!/usr/bin/env python3
"""Wrong: binds, and never calls listen."""
import argparse
import socket
import time

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.socket()
listener.bind((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
time.sleep(60)
