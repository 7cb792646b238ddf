#!/usr/bin/env python3
"""Right, in Python: asyncio, with a coroutine for each client."""
import argparse
import asyncio

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()


async def serve(reader, writer):
    while data := await reader.read(1024):
        writer.write(data)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, arguments.host, arguments.port)
    host, port = server.sockets[0].getsockname()
    print(f'listening on {host}:{port}', flush=True)
    await server.serve_forever()


asyncio.run(main())
