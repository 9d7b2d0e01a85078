import { addVersion, firstTable, type ReleaseTable } from '@ccgame/releases';
import { RpcError } from '@ccgame/rpc';
import { findDeserters } from './deserters.js';
import type { ReleaseSession } from './session.js';

const labels = { serverId: 'table-prod-v100000-0', serverType: 'table', version: '1.0.0000' };
const older = firstTable('production', '1.0.0000');
const newest = addVersion('1.0.0001')(older);
const recordOf = (table: ReleaseTable): { record: string } => ({
  record: JSON.stringify({ table, action: 'test', who: 'test', why: 'test' }),
});

/** @param answers what the server says, one look after the other; the last one again and again */
function sessionOf(answers: (() => object)[]): ReleaseSession {
  let looks = 0;
  const doRPC = async (): Promise<object> => answers[Math.min(looks++, answers.length - 1)]?.() ?? {};
  const running = { ...labels, state: 'running', isReady: true, stopMs: 1_000 };
  return {
    channel: 'production',
    operator: { unbroken: (work: () => Promise<unknown>) => work(), calls: { doRPC } },
    target: { servers: () => Promise.resolve({ counts: [], instances: [running] }) },
    store: { readTable: () => Promise.resolve({ table: newest }) },
    without: [],
  } as unknown as ReleaseSession;
}

const failing = (code: 'NO_SERVER' | 'TIMEOUT') => (): never => {
  throw new RpcError(code);
};
const follows = (table: ReleaseTable) => () => recordOf(table);

describe('a server that "check" asks for its release table', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const roster = { present: [labels], expected: [labels] };

  it.each<[string, (() => object)[], string[]]>([
    [
      'has no handler for it',
      [failing('NO_SERVER')],
      [
        `${labels.serverId} does not follow the release table: its module imports neither ServerModule nor ReleasesModule.`,
      ],
    ],
    ['does not answer', [failing('TIMEOUT')], [`${labels.serverId} runs, but does not answer (TIMEOUT).`]],
    [
      'has an older one',
      [follows(older)],
      [`${labels.serverId} follows another table than the channel's newest.`],
    ],
    ['knows of none', [() => ({})], [`${labels.serverId} follows another table than the channel's newest.`]],
    [
      'has one that is none',
      [() => ({ record: '{"table":' })],
      [`${labels.serverId} follows another table than the channel's newest.`],
    ],
    ['has the newest', [follows(newest)], []],
    ['has the newest at the second look, as a change takes a moment', [follows(older), follows(newest)], []],
  ])('where it %s, is named, or not', async (_, answers, expected) => {
    const found = findDeserters(sessionOf(answers), roster);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await found).toEqual(expected);
  });
});
