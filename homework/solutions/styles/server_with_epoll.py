#!/usr/bin/env python3
"""Right: epoll, and an output buffer for each client."""
import argparse
import select
import socket

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)
listener.setblocking(False)
epoll = select.epoll()
epoll.register(listener, select.EPOLLIN)
clients = {}
while True:
    for number, _ in epoll.poll():
        if number == listener.fileno():
            connection, _ = listener.accept()
            connection.setblocking(False)
            clients[connection.fileno()] = [connection, b'', False]
            epoll.register(connection, select.EPOLLIN)
            continue
        client = clients[number]
        connection, waiting, ended = client
        if len(waiting) < 65536 and not ended:
            try:
                data = connection.recv(2000)
                waiting += data
                ended = not data
            except BlockingIOError:
                pass
        if waiting:
            try:
                waiting = waiting[connection.send(waiting):]
            except BlockingIOError:
                pass
        client[1:] = waiting, ended
        if ended and not waiting:
            epoll.unregister(connection)
            connection.close()
            del clients[number]
        else:
            wanted = 0 if ended or len(waiting) >= 65536 else select.EPOLLIN
            epoll.modify(connection, wanted | (select.EPOLLOUT if waiting else 0))
