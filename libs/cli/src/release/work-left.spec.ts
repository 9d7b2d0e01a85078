import { RpcError } from '@ccgame/rpc';
import type { ReleaseSession } from './session.js';
import { assertTaken } from './work-left.js';

const labels = { serverId: 'table-prod-v100000-0', serverType: 'table', version: '1.0.0000' };

/** One server runs, and answers what is asked of it with this. */
function sessionOf(answer: () => Promise<unknown>): ReleaseSession {
  const stats = { json: () => ({ metadata: labels, endpoints: [] }) };
  const operator = {
    unbroken: (work: () => Promise<unknown>) => work(),
    nats: { requestMany: () => Promise.resolve([stats]) },
    calls: { doRPC: answer },
  };
  const target = { servers: () => Promise.resolve({ counts: [], instances: [] }) };
  return { operator, target, without: [] } as unknown as ReleaseSession;
}

describe('what a version has and another one is to go on with', () => {
  const silent = sessionOf(() => Promise.reject(new RpcError('TIMEOUT')));

  it('is refused where a server that has some does not answer', async () => {
    await expect(assertTaken(silent, '1.0.0000', '1.0.0001')).rejects.toThrow(
      'table-prod-v100000-0 (TIMEOUT) does not answer: nobody knows whether what they have can go along.',
    );
  });

  it('may be begun with where that server is waited for afterwards', async () => {
    await assertTaken(silent, '1.0.0000', '1.0.0001', true);
    const unfit = sessionOf(() => Promise.resolve({ problems: ['table rooms: no upgrade'] }));
    await expect(assertTaken(unfit, '1.0.0000', '1.0.0001', true)).rejects.toThrow('table rooms: no upgrade');
  });
});
