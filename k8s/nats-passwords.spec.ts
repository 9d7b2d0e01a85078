import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { untilHolds } from '@ccgame/testing';
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

/** The runbook's change of what the servers of `nats/cluster` ask of each other: they have one password at a time. */
describe('the password between NATS servers that is changed', () => {
  let nats: NatsOfManifests;
  let operator: NatsConnection;
  let manager: JetStreamManager;

  beforeAll(async () => {
    nats = await NatsOfManifests.start('cluster');
    operator = await nats.as('operator');
    manager = await jetstreamManager(operator, { timeout: 2_000 });
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'], num_replicas: 3 });
    await untilHolds(isWhole, { timeoutMs: 30_000 });
  }, 60_000);
  afterAll(() => nats.close());

  async function isWhole(): Promise<boolean> {
    const found = await manager.streams.info('KEPT').catch(() => undefined);
    const others = found?.cluster?.replicas ?? [];
    return others.length === 2 && others.every(({ current, offline }) => current && !offline);
  }

  /** As the renewed Secret, which has come to every pod, and `nats-server --signal reload` in each. */
  async function change(from: string, to: string): Promise<void> {
    for (const { folder } of nats.servers) {
      const file = join(folder, 'routes.conf');
      const text = readFileSync(file, 'utf8');
      expect(text).toContain(from);
      writeFileSync(file, text.replaceAll(from, to));
    }
    await nats.reload();
  }

  /** Whether a server takes somebody who calls itself a NATS server for one. */
  async function isTaken(port: number, pass: string): Promise<boolean> {
    const socket = connectSocket(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (text) => {
      heard += text.toString();
      if (heard.includes('PONG')) socket.destroy();
    });
    const claim = { name: 'stranger', cluster: 'ccgame', user: 'route', pass, verbose: false };
    socket.write(`CONNECT ${JSON.stringify(claim)}\r\nPING\r\n`);
    await new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
    return !heard.includes('Authorization Violation');
  }
  const taken = (pass: string): Promise<boolean[]> =>
    Promise.all(nats.routes.map((port) => isTaken(port, pass)));

  it('parts them for a moment, loses nothing that was stored, and lets nobody in by the old one', async () => {
    const stream = jetstream(operator, { timeout: 500 });
    let isChanging = true;
    let stored = 0;
    const write = async (): Promise<void> => {
      const isStored = (): Promise<boolean> =>
        stream.publish('kept', 'a push').then(
          () => true,
          () => false,
        );
      await untilHolds(isStored, { timeoutMs: 30_000 });
      stored += 1;
    };
    const writing = (async () => {
      while (isChanging) await write();
    })();
    await change('example-route-password', 'second-password');
    expect(await taken('example-route-password')).toEqual([false, false, false]);
    await nats.untilRouted();
    await untilHolds(isWhole);
    isChanging = false;
    await writing;
    expect((await manager.streams.info('KEPT')).state.messages).toBeGreaterThanOrEqual(stored);
    expect(await taken('second-password')).toEqual([true, true, true]);
  });
});
