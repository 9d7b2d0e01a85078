import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNats, tlsOptions } from '@ccgame/nats';
import { type NatsServer, probeNats, startServer } from '@ccgame/testing';
import { connect } from '@nats-io/transport-node';
import { parseAllDocuments } from 'yaml';
import { NatsOfManifests } from './nats-of-manifests.js';

type Any = any;

const openssl = (folder: string, ...commands: string[]): void => {
  for (const command of commands) execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
};

/** The files of which docs/deploy.md makes the Secret `nats-tls`, for this machine's address. */
function makeCertificates(folder: string): void {
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  openssl(
    folder,
    'req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=nats-ca -keyout ca.key -out ca.crt',
    'req -newkey rsa:2048 -nodes -subj /CN=nats -keyout tls.key -out tls.csr',
    'x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile names -out tls.crt',
    'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=stranger -keyout stranger.key -out stranger.crt',
  );
}

describe('the component nats/tls', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-nats-tls-'));
  let nats: NatsOfManifests;

  beforeAll(async () => {
    makeCertificates(folder);
    // Its three servers choose a leader: so they trust each other.
    nats = await NatsOfManifests.start('cluster', { tls: folder });
  }, 60_000);
  afterAll(async () => {
    await nats?.close();
    rmSync(folder, { recursive: true });
  });

  const settings = (tlsCa: string | undefined, address = nats.addressOf('http')) => {
    return { address, name: 'http-0', serverType: 'http', coalesceWrites: false, tlsCa };
  };
  const inTheClear = (tls?: ReturnType<typeof tlsOptions>, port = nats.servers[0].port) =>
    connect({
      servers: `127.0.0.1:${port}`,
      user: 'http',
      pass: 'http',
      reconnect: false,
      tls,
    });

  it('has NATS ask for TLS, and a server with the CA connects, with and without tls:// in its address', async () => {
    expect((await probeNats('127.0.0.1', nats.servers[0].port)).tls_required).toBe(true);
    for (const address of [nats.addressOf('http'), nats.addressOf('http').replaceAll('nats://', 'tls://')]) {
      const connection = await connectNats(settings(join(folder, 'ca.crt'), address));
      expect(connection.info?.tls_required).toBe(true);
      await connection.flush();
      await connection.close();
    }
  });

  it('has whole servers start by it, their watchdogs among them', async () => {
    const server = await startServer({
      root: process.cwd(),
      nats,
      logFolder: folder,
      serverType: 'storage',
      version: '1.0.0000',
      ordinal: 0,
      env: { NATS_TLS_CA: join(folder, 'ca.crt') },
    });
    await server.process.untilReady();
    expect(server.process.logTail()).not.toContain('watchdog');
    await server.process.stop();
  });

  it('lets nobody in who does not know the CA, and a server tells at once that its file is not there', async () => {
    await expect(inTheClear()).rejects.toThrow(/certificate/);
    await expect(inTheClear(tlsOptions(true, join(folder, 'stranger.crt')))).rejects.toThrow(/certificate/);
    await expect(connectNats(settings(join(folder, 'nothing.crt')))).rejects.toThrow(/ENOENT.*nothing\.crt/);
  });

  it('has servers speak to no NATS without TLS, as one that only pretends to be it', async () => {
    const plain = await NatsOfManifests.start('single');
    const tls = tlsOptions(false, join(folder, 'ca.crt'));
    const servers = `127.0.0.1:${plain.servers[0].port}`;
    await expect(connect({ servers, user: 'http', pass: 'http', reconnect: false, tls })).rejects.toThrow(
      /tls/i,
    );
    await plain.close();
  });

  describe('has another CA by the three steps of the runbook, with both CAs in one file meanwhile', () => {
    const file = (name: string): string => join(folder, name);
    const read = (name: string): string => readFileSync(file(name), 'utf8');

    /** As the renewed Secret, which has come to every pod, and the reload in each. */
    async function change(secret: Record<string, string>): Promise<void> {
      for (const [name, text] of Object.entries(secret)) writeFileSync(file(name), text);
      await nats.reload();
    }

    /** Whether each server's certificate is of a CA in the file. */
    const isTrusted = (ca: string): Promise<boolean[]> =>
      Promise.all(
        nats.servers.map(({ port }) =>
          inTheClear(tlsOptions(true, file(ca)), port).then(
            (connection) => connection.close().then(() => true),
            () => false,
          ),
        ),
      );

    /** A server that starts makes its routes anew. */
    async function restart(server: NatsServer): Promise<void> {
      await server.restart('SIGTERM');
      await nats.untilRouted();
    }

    it('and nobody is cut off or refused', async () => {
      openssl(
        folder,
        'req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=nats-ca-2 -keyout ca-2.key -out ca-2.crt',
        'req -newkey rsa:2048 -nodes -subj /CN=nats -keyout tls-2.key -out tls-2.csr',
        'x509 -req -in tls-2.csr -CA ca-2.crt -CAkey ca-2.key -CAcreateserial -days 365 -extfile names -out tls-2.crt',
      );
      writeFileSync(file('old.crt'), read('ca.crt'));
      const server = await connectNats(settings(file('ca.crt')));
      const connected = server.info?.client_id;
      const [restarted] = nats.servers.filter(({ port }) => port !== server.info?.port);

      await change({ 'ca.crt': read('old.crt') + read('ca-2.crt') });
      expect(await isTrusted('old.crt')).toEqual([true, true, true]);
      expect(await isTrusted('ca.crt')).toEqual([true, true, true]);
      await change({ 'tls.crt': read('tls-2.crt'), 'tls.key': read('tls-2.key') });
      expect(await isTrusted('old.crt')).toEqual([false, false, false]);
      expect(await isTrusted('ca.crt')).toEqual([true, true, true]);
      await restart(restarted);
      await change({ 'ca.crt': read('ca-2.crt') });
      expect(await isTrusted('ca.crt')).toEqual([true, true, true]);
      await restart(restarted);

      await server.flush();
      expect(server.info?.client_id).toBe(connected);
      await server.close();
    }, 60_000);
  });

  it('gives NATS its certificate and every server of the game the CA alone, by one line in each kustomization', () => {
    const copy = join(folder, 'k8s');
    cpSync(join(process.cwd(), 'k8s'), copy, { recursive: true });
    const pods = ['foundation', 'release'].flatMap((name) => {
      const file = join(copy, name, 'kustomization.yaml');
      const text = readFileSync(file, 'utf8');
      writeFileSync(
        file,
        text.replace('components: [../registry]', 'components: [../registry, ../nats/tls]'),
      );
      const built = execFileSync('kubectl', ['kustomize', join(copy, name)], { encoding: 'utf8' });
      const all: Any[] = parseAllDocuments(built).map((one) => one.toJS());
      return all.map(({ spec }) => spec?.template ?? spec?.jobTemplate?.spec.template).filter(Boolean);
    });
    expect(pods.length).toBeGreaterThan(7);
    for (const { metadata, spec } of pods) {
      const isNats = metadata.labels.app === 'nats';
      const [{ env, volumeMounts }] = spec.containers;
      const secret = spec.volumes.find((one: Any) => one.secret?.secretName === 'nats-tls');
      expect(secret.secret.items).toEqual(isNats ? undefined : [{ key: 'ca.crt', path: 'ca.crt' }]);
      const mountPath = isNats ? '/etc/nats-tls' : '/etc/nats-ca';
      expect(volumeMounts).toContainEqual({ name: secret.name, mountPath });
      const ca = env.find(({ name }: Any) => name === 'NATS_TLS_CA')?.value;
      expect(ca).toBe(isNats ? undefined : '/etc/nats-ca/ca.crt');
    }
  });
});
