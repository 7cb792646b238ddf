#!/usr/bin/env python3
"""Right, in Python: the outer loop is that of the module socketserver."""
import argparse
import socketserver

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)


with socketserver.TCPServer((arguments.host, arguments.port), Echo) as server:
    print('listening on %s:%d' % server.server_address, flush=True)
    server.serve_forever()
