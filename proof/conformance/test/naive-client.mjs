// A client that knows socket.io and nothing of the protocol: it reconnects by itself, resumes nowhere and drops nothing.
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

createInterface({ input: process.stdin }).on('line', (line) => {
  const { do: what, url, tokens } = JSON.parse(line);
  if (what !== 'connect') return;
  const socket = io(url, {
    transports: ['websocket'],
    auth: { token: tokens[0], version: '1.0.0000', protocol: 1 },
  });
  socket.on('connect', () => tell({ event: 'state', state: 'online' }));
  socket.on('disconnect', () => tell({ event: 'state', state: 'away' }));
  socket.on('Push', ({ route, data }) => tell({ event: 'push', route, data }));
});
