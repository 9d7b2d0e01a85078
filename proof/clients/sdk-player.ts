import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { type ClientError, connect, type FetchOptions, login } from '@ccgame/client';

// A guest with the SDK, on the runtime that runs this. Prints what it sees and takes commands, each a line of JSON.
const [, , url] = process.argv;
const deviceId = crypto.randomUUID();
const tell = (event: string, facts: object = {}): void =>
  void process.stdout.write(`${JSON.stringify({ ...facts, event })}\n`);

/** Takes each connection and hangs up, so that `fetch` fails in the words of the runtime. */
const broken = createServer((socket) => socket.once('data', () => socket.destroy()));
await once(broken.listen(0, '127.0.0.1'), 'listening');
const brokenUrl = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/`;
let calls = 0;
const everyOtherFails = (address: string, options: FetchOptions): Promise<Response> =>
  fetch((calls += 1) % 2 === 1 ? brokenUrl : address, options);

tell('login', { playerId: (await login({ url, deviceId })).playerId });
const client = connect({ url, deviceId, fetch: everyOtherFails });
client.on('state', (state: string) => {
  if (state !== 'closed') tell(state === 'online' ? 'connect' : 'disconnect', { state });
});
client.on('moved', ({ serverId }: { serverId: string }) => tell('connect', { serverId }));
client.on('error', ({ code }: ClientError) => tell('error', { code }));
for (const route of ['matched', 'missed', 'after'])
  client.on(route, (data: unknown) => tell('push', { route, data }));

interface Command {
  route: string;
  data: unknown;
  timestamp: number;
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { route, data, timestamp } = JSON.parse(line) as Command;
    client.request(route, data).then(
      (answer: unknown) => tell('response', { timestamp, data: answer }),
      ({ code }: ClientError) => tell('response', { timestamp, error: { code } }),
    );
  })
  .on('close', () => {
    client.close();
    process.exit(0);
  });
