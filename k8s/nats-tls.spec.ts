import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNats, tlsOptions } from '@ccgame/nats';
import { probeNats } from '@ccgame/testing';
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
  const inTheClear = (tls?: ReturnType<typeof tlsOptions>) =>
    connect({
      servers: `127.0.0.1:${nats.servers[0].port}`,
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
