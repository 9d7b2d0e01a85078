import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNats } from '@ccgame/nats';
import { Authority, untilHolds } from '@ccgame/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { register } from 'prom-client';
import { explainStartProblem } from '../libs/server/src/start-problem.js';
import { NatsOfManifests } from './nats-of-manifests.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('certificates of NATS that change', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-nats-renewal-'));
  const caFile = join(folder, 'ca.crt');
  const opened: NatsConnection[] = [];
  let nats: NatsOfManifests;

  /** As a new Secret is mounted: the CA, and a certificate of it for NATS. */
  function mount(authority: Authority, endsInMs?: number): void {
    const { cert, key } = authority.issue('nats', '127.0.0.1', endsInMs);
    writeFileSync(caFile, authority.cert);
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
  }

  const authority = new Authority();

  beforeAll(async () => {
    mount(authority);
    nats = await NatsOfManifests.start('single', { tls: folder });
  });
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await nats?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const restart = async (): Promise<void> => nats.servers[0].restart('SIGTERM');

  /** A server of the game. */
  async function openServer(): Promise<NatsConnection> {
    const settings = { name: 'http-0', serverType: 'http', coalesceWrites: false, tlsCa: caFile };
    const connection = await connectNats({ ...settings, address: nats.addressOf('http') });
    opened.push(connection);
    return connection;
  }

  const isBack = (connection: NatsConnection) => async (): Promise<boolean> => {
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500));
    const flushed = connection.flush().then(
      () => true,
      () => false,
    );
    return Promise.race([flushed, late]);
  };

  /** @returns what an operator is told of a first connection that fails */
  async function problemOf(tls: object | undefined): Promise<string | undefined> {
    const servers = `127.0.0.1:${nats.servers[0].port}`;
    const options = { servers, user: 'http', pass: 'http', reconnect: false, timeout: 2_000 };
    return connect({ ...options, ...(tls && { tls }) }).then(
      (connection) => connection.close().then(() => 'connected'),
      (error: unknown) => explainStartProblem(error),
    );
  }

  it('are taken by servers that run: a new one of the same CA, and one of a new CA', async () => {
    const server = await openServer();
    for (const next of [authority, new Authority()]) {
      mount(next, 20 * dayMs);
      await restart();
      await untilHolds(isBack(server), { timeoutMs: 15_000 });
    }
    // The alarm CcgameNatsCertificateEnds asks for it.
    const told = await register.getSingleMetric('ccgame_nats_certificate_expiry_timestamp_seconds')?.get();
    const [{ value } = { value: NaN }] = told?.values ?? [];
    expect((value * 1_000 - Date.now()) / dayMs).toBeCloseTo(20, 1);
  });

  it('are waited for where the CA is away for a moment, or is half written', async () => {
    const server = await openServer();
    for (const text of [undefined, '-----BEGIN CERTIFICATE-----\nMIIB']) {
      if (text === undefined) rmSync(caFile);
      else writeFileSync(caFile, text);
      await restart();
      // Some tries fail by then.
      expect(await isBack(server)()).toBe(false);
      mount(authority);
      await restart();
      await untilHolds(isBack(server), { timeoutMs: 15_000 });
    }
  });

  it('are refused when they have expired, and the servers are back with a new one', async () => {
    const server = await openServer();
    mount(authority, -hourMs);
    await restart();
    expect(await problemOf({ caFile })).toMatch(/shows a certificate that is refused \(.*expired\)/);
    expect(await isBack(server)()).toBe(false);
    mount(authority);
    await restart();
    await untilHolds(isBack(server), { timeoutMs: 15_000 });
  });

  it('are told in a sentence where a start fails by them', async () => {
    const stranger = join(folder, 'stranger.crt');
    writeFileSync(stranger, new Authority().cert);
    const refused =
      /^NATS at .* shows a certificate that is refused \(.*\); mend it, or the CA in NATS_TLS_CA\.$/;
    expect(await problemOf({ caFile: stranger })).toMatch(refused);
    // A server that knows nothing of TLS, where NATS asks for it.
    expect(await problemOf(undefined)).toMatch(refused);
    expect(await problemOf({ caFile })).toBe('connected');
  });
});
