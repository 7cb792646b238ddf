"""An echo server with Python's socketserver: a thread for each client, or each datagram.

python3 echo_threads.py tcp|udp PORT BUFFER_SIZE [nagle]
"""

import socket
import socketserver
import sys

kind, port, buffer_size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
nagle = len(sys.argv) > 4


class Stream(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, not nagle)
        try:
            while message := self.request.recv(buffer_size):
                self.request.sendall(message)
        except OSError:
            pass


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        message, server = self.request
        server.sendto(message, self.client_address)


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 4096


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 65535


if kind == "tcp":
    TcpServer(("127.0.0.1", port), Stream).serve_forever()
else:
    UdpServer(("127.0.0.1", port), Datagram).serve_forever()
