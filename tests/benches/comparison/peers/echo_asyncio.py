"""An echo server with Python's asyncio: one thread for all clients.

python3 echo_asyncio.py tcp|udp PORT BUFFER_SIZE [nagle]
"""

import asyncio
import socket
import sys

kind, port, buffer_size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
nagle = len(sys.argv) > 4


async def stream(reader, writer):
    if nagle:  # asyncio turns it off by itself
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
    try:
        while message := await reader.read(buffer_size):
            writer.write(message)
            await writer.drain()
    except OSError:
        pass
    writer.close()


class Datagram(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, message, client):
        self.transport.sendto(message, client)


async def main():
    if kind == "tcp":
        server = await asyncio.start_server(stream, "127.0.0.1", port, backlog=4096)
        await server.serve_forever()
    else:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(Datagram, local_addr=("127.0.0.1", port))
        await asyncio.Event().wait()


asyncio.run(main())
