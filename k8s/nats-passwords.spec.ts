import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { NatsOfManifests } from './nats-of-manifests.js';

/** The runbook's change of the connectors' password, with its two users at a time, on a NATS server that is never restarted. */
describe('a NATS password that is changed', () => {
  let nats: NatsOfManifests;
  beforeAll(async () => {
    nats = await NatsOfManifests.start('single');
  });
  afterAll(() => nats.close());

  /** Resolves when the server lets this user in. */
  async function connectAs(user: string, pass: string): Promise<NatsConnection> {
    const servers = `127.0.0.1:${nats.servers[0]?.port}`;
    for (let tries = 0; ; tries += 1) {
      try {
        return await connect({ servers, user, pass, reconnect: false });
      } catch (error) {
        if (tries > 300) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** As the renewed Secret and `nats-server --signal reload`. */
  function reload(name: string, password: string): void {
    const [server] = nats.servers;
    const file = join(server?.folder ?? '', 'passwords.conf');
    const text = readFileSync(file, 'utf8').replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${password}`);
    expect(text).toContain(`${name}: ${password}`);
    writeFileSync(file, text);
    process.kill(server?.pid ?? 0, 'SIGHUP');
  }

  it('cuts nobody off: the next user comes in beside the first, and back, and the old password ends', async () => {
    const first = await connectAs('connector', 'connector');
    reload('NEXT_CONNECTOR', 'second-password');
    const next = await connectAs('connector-next', 'second-password');
    expect(first.isClosed()).toBe(false);
    await first.rtt();
    await first.close();
    reload('PASSWORD_CONNECTOR', 'third-password');
    const last = await connectAs('connector', 'third-password');
    await next.rtt();
    const servers = `127.0.0.1:${nats.servers[0]?.port}`;
    await expect(
      connect({ servers, user: 'connector', pass: 'connector', reconnect: false }),
    ).rejects.toThrow();
    await Promise.all([next.close(), last.close()]);
  });
});
