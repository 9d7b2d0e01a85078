import childProcess from 'node:child_process';
import { connect } from '@nats-io/transport-node';
import type { NatsServer } from './nats-server.js';
import { probeNats } from './probe.js';
import { startNats } from './start-nats.js';
import { isNatsVersionSupported } from './version.js';

describe('a NATS server of the test’s own', () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats.destroy());

  it('has JetStream and a supported version', async () => {
    const greeting = await probeNats('127.0.0.1', nats.port);
    expect(greeting.jetstream).toBe(true);
    expect(isNatsVersionSupported(greeting.version)).toBe(true);
  });

  it('is looked for once in a worker of Jest', async () => {
    const ran = jest.spyOn(childProcess, 'execFile');
    const other = await startNats();
    expect(ran).not.toHaveBeenCalled();
    ran.mockRestore();
    await other.destroy();
  });

  it('is gone after SIGKILL and comes back on the same port', async () => {
    await nats.stop('SIGKILL');
    await expect(probeNats('127.0.0.1', nats.port)).rejects.toThrow('ECONNREFUSED');
    await nats.start();
    const connection = await connect({ servers: nats.address });
    expect(connection.isClosed()).toBe(false);
    await connection.close();
  });
});

describe('NATS versions', () => {
  it.each(['2.12.0', 'v2.15.2', '2.12.0-beta.1', '3.0.0'])('%s is supported', (version) => {
    expect(isNatsVersionSupported(version)).toBe(true);
  });
  it.each(['2.9.10', '2.11.99', '1.4.1', '0.0.0'])('%s is refused', (version) => {
    expect(isNatsVersionSupported(version)).toBe(false);
  });
});
