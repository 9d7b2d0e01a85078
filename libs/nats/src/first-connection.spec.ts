import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Logger } from '@nestjs/common';
import { connectNats } from './nats-connection.js';

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
    const address = `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { name: 'http-0', serverType: 'http', coalesceWrites: false };
    await expect(connectNats({ ...options, address, tlsCa: undefined })).rejects.toThrow();
    expect(tries * 31).toBeGreaterThan(280);
    expect(tries * 31).toBeLessThan(400);
  }, 20_000);
});
