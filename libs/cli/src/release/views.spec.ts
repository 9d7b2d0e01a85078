import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  addVersion,
  drainVersion,
  firstTable,
  ReleaseStore,
  type ReleaseTable,
  retireVersion,
} from '@ccgame/releases';
import { type NatsServer, startNats } from '@ccgame/testing';
import { instance, NotedTarget } from '../../test/noted-target.js';
import { runSession } from './run-session.js';
import { printStatus } from './views.js';

describe('the status of a channel of many releases', () => {
  let server: NatsServer;
  let nats: NatsConnection;

  beforeEach(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await nats.close();
    await server.destroy();
  });

  const retired = (version: string) => (table: ReleaseTable) =>
    [addVersion, drainVersion, retireVersion].reduce((now, change) => change(version)(now), table);
  const versionOf = (number: number): string => `1.0.${String(number).padStart(4, '0')}`;

  it('has those that were retired last, and all of which a server is left', async () => {
    const versions = Array.from({ length: 40 }, (_, number) => versionOf(number + 1));
    // As where an older one was deployed once more.
    const order = [...versions.slice(2), versionOf(2), versionOf(1)];
    const table = order.reduce((now, one) => retired(one)(now), firstTable('dev', versionOf(0)));
    await (await ReleaseStore.open(nats)).writeFirstTable(table, { who: 'a test', why: '', action: 'init' });
    const target = new NotedTarget();
    target.instances = [instance(versionOf(7))];
    const printed: string[] = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    const place = { target, channel: 'dev', natsAddress: server.address };
    await runSession(nats, place, { overlay: 'k8s/release', yes: true, why: '' }, printStatus, 'reads');
    const shown = printed.join('\n').match(/^1\.0\.\d+/gm);
    expect(shown).toEqual([0, 1, 2, 7, 38, 39, 40].map(versionOf));
    expect(printed.join('\n')).toContain('\nand 34 more that were retired before');
  });
});
