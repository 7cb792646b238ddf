#!/usr/bin/env python3
"""Wrong: closes at the end of file, while the other thread still has to send."""
import argparse
import queue
import socket
import threading
import time

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()

listener = socket.create_server((arguments.host, arguments.port))
print('listening on %s:%d' % listener.getsockname(), flush=True)


def send(connection, replies):
    while reply := replies.get():
        time.sleep(0.001)
        try:
            connection.sendall(reply)
        except OSError:
            return


while True:
    connection, _ = listener.accept()
    replies = queue.Queue()
    threading.Thread(target=send, args=(connection, replies)).start()
    for line in connection.makefile('rb'):
        replies.put(line)
    replies.put(None)
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()
