// Right, in Node.js: the next message is sent when the reply to the last one has arrived.
const net = require('node:net');
const readline = require('node:readline');
const { parseArgs } = require('node:util');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8888' },
  },
});

const server = net.connect(Number(values.port), values.host, async () => {
  let messages = positionals;
  if (positionals.length === 0) {
    messages = readline.createInterface({ input: process.stdin, terminal: false });
  }
  for await (const message of messages) {
    if (message === '') break;
    const reply = receiveLine();
    server.write(message + '\n');
    process.stdout.write(await reply);
  }
  server.end();
  process.stdin.destroy();
});

// Resolves to the reply, with its newline.
function receiveLine() {
  return new Promise((resolve) => {
    const pieces = [];
    server.on('data', function receive(piece) {
      pieces.push(piece);
      if (piece.at(-1) === 0x0a) {
        server.off('data', receive);
        resolve(Buffer.concat(pieces));
      }
    });
  });
}
