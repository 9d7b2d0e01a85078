import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Logger } from '@nestjs/common';
import { connectNats } from './nats-connection.js';
import { NatsTooOld } from './nats-too-old.js';
import type { NatsOptions } from './options.js';

const optionsOf = (server: Server): NatsOptions => ({
  name: 'http-0',
  serverType: 'http',
  address: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
  tlsCa: undefined,
  coalesceWrites: false,
});

describe('the first connection to a NATS that is away', () => {
  const { NODE_ENV } = process.env;
  let server: Server;
  let tries = 0;

  beforeAll(async () => {
    process.env.NODE_ENV = 'production';
    Logger.overrideLogger(false);
    server = createServer((socket) => {
      tries += 1;
      socket.on('error', () => undefined).destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    process.env.NODE_ENV = NODE_ENV;
    jest.restoreAllMocks();
    server.close();
  });

  it('is tried for as long as a pod may start: one that ends is started again five minutes late', async () => {
    // Half a minute goes by at each try.
    jest.spyOn(performance, 'now').mockImplementation(() => tries * 31_000);
    await expect(connectNats(optionsOf(server))).rejects.toThrow();
    expect(tries * 31).toBeGreaterThan(280);
    expect(tries * 31).toBeLessThan(400);
  }, 20_000);
});

describe('the first connection to a NATS that is too old', () => {
  /** Greets as a server of that version, and answers pings. */
  async function listenAs(version: string): Promise<Server> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(
        `INFO ${JSON.stringify({ server_id: 'x', version, max_payload: 1_048_576, jetstream: true })}\r\n`,
      );
      socket.on('data', (data) => String(data).includes('PING') && socket.write('PONG\r\n'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  it.each(['2.9.25', 'v2.10.22', '2.11.4-beta.1'])('ends at once, and says so: %s', async (version) => {
    const server = await listenAs(version);
    const attempt = connectNats(optionsOf(server));
    await expect(attempt).rejects.toBeInstanceOf(NatsTooOld);
    await expect(attempt).rejects.toThrow(`NATS is version ${version}, and ccgame needs 2.12.0 or newer`);
    server.close();
  });

  it.each(['2.12.0', '2.15.2', '3.0.0-beta.1'])('is made where it is not: %s', async (version) => {
    const server = await listenAs(version);
    const nats = await connectNats(optionsOf(server));
    await nats.close();
    server.close();
  });
});
