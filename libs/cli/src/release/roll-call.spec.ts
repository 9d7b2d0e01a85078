import { type EngineErrorCode, RpcError } from '@ccgame/rpc';
import { workLeftHandler } from '@ccgame/server/operations';
import type { ReleaseSession } from './session.js';
import { callRoll, takeRoster } from './roll-call.js';
import type { ServerInstance } from './targets/target.js';

const labels = { serverId: 'table-prod-v100000-0', serverType: 'table', version: '1.0.0000' };
const instance: ServerInstance = { ...labels, state: 'running', isReady: true, stopMs: 1_000 };

/** A server that NATS heard a moment ago, which fails by `code` when it is asked, and that the place knows as `found` by then. */
function sessionOf(code: EngineErrorCode, found: Partial<ServerInstance> | undefined): ReleaseSession {
  const stats = { json: () => ({ metadata: labels, endpoints: [] }) };
  const instances = found === undefined ? [] : [{ ...instance, ...found }];
  return {
    operator: {
      unbroken: (work: () => Promise<unknown>) => work(),
      nats: { requestMany: () => Promise.resolve([stats]) },
      calls: { doRPC: () => Promise.reject(new RpcError(code)) },
    },
    target: { servers: () => Promise.resolve({ counts: [], instances }) },
    without: [],
  } as unknown as ReleaseSession;
}

describe('a server that does not answer', () => {
  it.each<[string, 'gone' | 'silent', Partial<ServerInstance> | undefined, EngineErrorCode]>([
    ['no place knows it, and NATS neither', 'gone', undefined, 'NO_SERVER'],
    ['no place knows it, but NATS does', 'silent', undefined, 'TIMEOUT'],
    ['no process of it is there, which NATS did not notice yet', 'gone', { state: 'absent' }, 'TIMEOUT'],
    ['it has not begun, and NATS does not know it', 'gone', { state: 'starting' }, 'NO_SERVER'],
    ['it has not begun, but NATS knows it', 'silent', { state: 'starting' }, 'TIMEOUT'],
    ['its machine is lost, and NATS does not know it', 'gone', { lostNode: 'node-1' }, 'NO_SERVER'],
    ['its machine seems lost, but NATS knows it', 'silent', { lostNode: 'node-1' }, 'GONE'],
    ['it runs, and NATS does not know it', 'silent', {}, 'NO_SERVER'],
    ['it runs, and is not ready any more', 'silent', { isReady: false }, 'NO_SERVER'],
    ['it was told to stop, and may still have players', 'silent', { state: 'leaving' }, 'NO_SERVER'],
  ])('where %s, is %s', async (_, expected, found, code) => {
    const session = sessionOf(code, found);
    const roster = await takeRoster(session);
    expect(roster.expected).toEqual([labels]);
    const roll = await callRoll(session, roster, workLeftHandler('table'), undefined);
    expect(roll).toEqual({
      answers: [],
      silent: expected === 'silent' ? [{ ...labels, reason: code }] : [],
    });
  });
});
