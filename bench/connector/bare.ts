import { createServer } from 'node:http';
import { connect } from '@nats-io/transport-node';
import { Server } from 'socket.io';

/** The yardsticks: socket.io that answers by itself, or forwards to a NATS echo over a reply inbox of its own, and nothing else. */
const nats = await connect({ servers: process.env.NATS_ADDRESS });
if (process.argv[2] === 'echo') {
  nats.subscribe('bare.echo', { callback: (_error, message) => void message.respond(message.data) });
  await nats.flush();
  process.send?.('ready');
} else {
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false });
  const isLocal = process.argv[2] === 'local';
  const inbox = `_INBOX.bare${process.pid}.`;
  const waiting = new Map<string, (data: unknown) => void>();
  let counter = 0;
  nats.subscribe(`${inbox}*`, {
    callback: (_error, message) => {
      const token = message.subject.slice(inbox.length);
      waiting.get(token)?.(message.json());
      waiting.delete(token);
    },
  });
  io.on('connection', (socket) => {
    socket.on(
      'Request',
      ({ route, data, timestamp }: { route: string; data: unknown; timestamp: number }) => {
        if (isLocal) return void socket.emit('Response', { route, timestamp, data });
        const token = (counter++).toString(36);
        waiting.set(token, (answer) => socket.emit('Response', { route, timestamp, data: answer }));
        nats.publish('bare.echo', JSON.stringify(data), { reply: inbox + token });
      },
    );
  });
  http.listen({ port: Number(process.env.WS_PORT), backlog: 4096 }, () => process.send?.('ready'));
}
process.on('disconnect', () => process.exit());
