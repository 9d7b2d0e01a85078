import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { firstTable, ReleaseStore, setCanary } from '@ccgame/releases';
import { type NatsServer, startNats } from '@ccgame/testing';
import { NotedTarget } from '../../test/noted-target.js';
import { runSession } from './run-session.js';
import { KubectlFailed } from './targets/kubectl.js';
import { printStatus } from './views.js';

describe('a cluster that does not answer', () => {
  const version = '1.0.0000';
  const options = { overlay: 'k8s/release', yes: true, why: '' };
  const printed: string[] = [];
  let server: NatsServer;
  let nats: NatsConnection;

  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
    const store = await ReleaseStore.open(nats);
    const change = setCanary('1.0.0001', { weight: 8.04 });
    const table = change(firstTable('dev', version, ['1.0.0001']));
    await store.writeFirstTable(table, { who: 'a test', why: '', action: 'init' });
    const metadata = { serverId: 'http-prod-v100000-0', serverType: 'http', version, podUid: '0a3b' };
    nats.subscribe('$SRV.STATS', {
      callback: (_, asked) => void asked.respond(JSON.stringify({ metadata })),
    });
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await nats.close();
    await server.destroy();
  });

  const status = (does: 'changes' | 'reads'): Promise<void> => {
    const target = new NotedTarget();
    target.servers = () => Promise.reject(new KubectlFailed('The connection was refused.'));
    return runSession(
      nats,
      { target, channel: 'dev', natsAddress: server.address },
      options,
      printStatus,
      does,
    );
  };

  it('keeps nobody from seeing the servers that answer over NATS', async () => {
    await status('reads');
    const text = printed.join('\n');
    expect(text).toContain('The connection was refused.\nOnly the servers that answer are known.');
    // Each number is a lower bound, but for the share: as floating-point numbers 100 - 8.04 is 91.96000000000001.
    expect(text).toMatch(
      /^1\.0\.0000 +live +stable, 91\.96 % +http 1\/1 \+ \? +0 \+ \? +0 \+ \? .* none \+ \?$/m,
    );
  });

  it('is changed by no command', async () => {
    await expect(status('changes')).rejects.toThrow('The connection was refused.');
  });
});
