// Right, in Node.js: each client is piped back to itself.
const net = require('node:net');
const { parseArgs } = require('node:util');

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8888' },
  },
});

// Without this, Node.js closes the sending half before all replies are sent.
const server = net.createServer({ allowHalfOpen: true }, (client) => {
  client.on('error', (error) => console.error(error.message));
  client.pipe(client);
});
server.listen(Number(values.port), values.host, 5, () => {
  const { address, port } = server.address();
  console.log(`listening on ${address}:${port}`);
});
