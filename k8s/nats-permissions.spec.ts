import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { findNats, freePort, probeNats } from '#testing';
import { readManifests } from '../cli/src/release/render/manifests.js';

const users = ['http', 'connector', 'matching', 'cron', 'operator'];

/** The configuration of the manifest, on 127.0.0.1 and as one server; the accounts and permissions stay as they are. */
function localConfiguration(kind: string, port: number, folder: string): string {
  const manifests = readManifests(join(process.cwd(), 'k8s/nats', kind, 'nats.yaml'));
  const map = manifests.find(({ metadata }) => metadata.name === 'nats-config');
  const text = (map as unknown as { data: Record<string, string> }).data['nats.conf'] ?? '';
  return text
    .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
    .replace('http: 0.0.0.0:8222', '')
    .replace(/cluster \{[^}]*\}/, '')
    .replace('store_dir: /data', `store_dir: ${JSON.stringify(join(folder, 'data'))}`)
    .replace('20G', '1G');
}

describe.each(['single', 'cluster'])('the accounts of nats/%s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-accounts-'));
  let child: ChildProcess;
  let port: number;

  beforeAll(async () => {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    if (source.kind !== 'binary') throw new Error('The test needs a nats-server binary.');
    port = await freePort();
    const file = join(folder, 'nats.conf');
    writeFileSync(file, localConfiguration(kind, port, folder));
    const passwords = Object.fromEntries(users.map((user) => [`PASSWORD_${user.toUpperCase()}`, user]));
    const env = { ...process.env, ...passwords, POD_NAME: 'nats-0' };
    child = spawn(source.path, ['-c', file], { env, stdio: 'ignore' });
    for (let tries = 0; ; tries += 1) {
      if (await probeNats('127.0.0.1', port, 1000).catch(() => undefined)) return;
      if (tries > 200 || child.exitCode !== null) throw new Error('nats-server refuses the configuration');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, 60_000);

  afterAll(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether a message of this user reaches somebody who may hear everything. */
  async function reaches(user: string, subject: string): Promise<boolean> {
    const open = (name: string): Promise<NatsConnection> =>
      connect({ servers: `127.0.0.1:${port}`, user: name, pass: name });
    const [sender, listener] = await Promise.all([open(user), open('operator')]);
    try {
      const subscription = listener.subscribe(subject);
      await listener.flush();
      sender.publish(subject, 'x');
      await sender.flush();
      await listener.flush();
      return subscription.getReceived() > 0;
    } finally {
      await Promise.all([sender.close(), listener.close()]);
    }
  }

  it.each([
    ['connector', 'client.any.matching.1_0_0000.user_join_matching'],
    ['connector', 'rpc.id.matching-prod-v100000-0.$alive'],
    ['connector', '_INBOX.someone.1'],
    ['http', 'rpc.any.matching.1_0_0000.count'],
    ['matching', 'rpc.all.connector.every.count'],
    ['cron', 'push.u.player.1'],
    ['operator', 'client.any.matching.1_0_0000.user_join_matching'],
  ])('let %s publish to %s', async (user, subject) => {
    expect(await reaches(user, subject)).toBe(true);
  });

  it.each([
    ['connector', 'rpc.any.matching.1_0_0000.take_ticket'],
    ['connector', 'rpc.id.matching-prod-v100000-0.take_ticket'],
    ['connector', 'rpc.all.matching.every.take_ticket'],
    ['connector', 'rpc.key.matching.1_0_0000.duel.take_ticket'],
    ['http', 'client.any.matching.1_0_0000.user_join_matching'],
    ['matching', 'client.any.matching.1_0_0000.user_join_matching'],
    ['cron', 'client.any.matching.1_0_0000.user_join_matching'],
    ['connector', '$KV.releases.production'],
    ['http', '$KV.releases.production'],
    ['matching', '$KV.releases.production'],
    ['cron', '$KV.releases.production'],
  ])('keep %s from publishing to %s', async (user, subject) => {
    expect(await reaches(user, subject)).toBe(false);
  });
});
