import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

// A player with socket.io-client as it comes. Prints what it sees and takes commands, each a line of JSON.
const [, , url] = process.argv;
const tell = (event: string, facts: object = {}): void =>
  void process.stdout.write(`${JSON.stringify({ ...facts, event })}\n`);

const response = await fetch(`${url}/v1/login`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ deviceId: randomUUID() }),
});
const { playerId, token } = (await response.json()) as { playerId: string; token: string };
tell('login', { playerId });
const socket = io(url, { transports: ['websocket'], auth: { token } });
socket.on('connect', () => tell('connect', { recovered: socket.recovered }));
socket.on('disconnect', (reason) => tell('disconnect', { reason }));
socket.on('Push', (message: object) => tell('push', message));
socket.on('Response', (answer: object) => tell('response', answer));
createInterface({ input: process.stdin })
  .on('line', (line) => socket.emit('Request', JSON.parse(line)))
  .on('close', () => socket.disconnect());
