import type { Msg, NatsConnection } from '@nats-io/nats-core';
import {
  endCanary,
  firstTable,
  handshakeRoute,
  type ReleaseTable,
  setCanary,
  type Traffic,
  trafficBuckets,
} from '@ccgame/releases';
import { RpcError } from '@ccgame/rpc';
import { NatsProblem, untilHolds } from '@ccgame/testing';
import type { ReleaseSession } from './session.js';
import { watchCanary } from './watch-canary.js';

const [stable, canary] = ['1.0.0000', '1.0.0001'];
const table = setCanary(canary, { weight: 50 })(firstTable('dev', stable, [canary]));
const counts = (version: string, failed: number, answered = 10_000): Traffic['routes'][number] => ({
  version,
  route: 'matching.user_join_matching',
  failed,
  refused: 0,
  buckets: [answered, ...trafficBuckets.map(() => 0)],
});
const handshakes = (version: string, failed: number, answered: number): Traffic['routes'][number] => ({
  ...counts(version, failed, answered),
  route: handshakeRoute,
});
/** The canary was bad yesterday, and is mended. */
const yesterday: Traffic = { incarnation: 'x', routes: [counts(stable, 0), counts(canary, 500)] };
const today: Traffic = { ...yesterday, routes: [counts(stable, 0, 10_500), counts(canary, 500, 10_070)] };

describe('the guard of a canary', () => {
  let printed: string[];
  let session: ReleaseSession;
  let answers: Array<Traffic | RpcError>;
  let now: ReleaseTable;
  /** The servers' own words, one look after another; the last one again and again. */
  let heard: object[][];

  beforeEach(() => {
    printed = [];
    now = table;
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    const connector = {
      serverId: 'connector-dev-v100000-0',
      serverType: 'connector',
      version: stable,
      state: 'running' as const,
      isReady: true,
      stopMs: 1_000,
    };
    const doRPC = jest.fn(() => {
      const next = answers.length > 1 ? answers.shift() : answers[0];
      return next instanceof RpcError ? Promise.reject(next) : Promise.resolve(next);
    });
    heard = [[]];
    const requestMany = (): Promise<Array<Pick<Msg, 'json'>>> => {
      const look = heard.length > 1 ? heard.shift() : heard[0];
      return Promise.resolve((look ?? []).map((metadata) => ({ json: <T>() => ({ metadata }) as T })));
    };
    session = {
      operator: {
        nats: { requestMany } as unknown as NatsConnection,
        calls: { doRPC },
        unbroken: (work: () => Promise<unknown>) => work(),
      },
      store: { readTable: () => Promise.resolve({ table: now, revision: 1 }) },
      target: { servers: () => Promise.resolve({ counts: [], instances: [connector] }) },
      channel: 'dev',
      without: [],
      change: jest.fn(),
      note: jest.fn(),
    } as unknown as ReleaseSession;
  });
  afterEach(() => jest.restoreAllMocks());

  it('waits for a server that is silent at its beginning, or all that it counted before would be of the watch', async () => {
    // Asked twice, as it may only be busy.
    answers = [new RpcError('TIMEOUT'), new RpcError('TIMEOUT'), yesterday, today];
    await watchCanary(session, canary, 1);
    expect(session.change).not.toHaveBeenCalled();
    expect(printed).toEqual([
      'could not look: connector-dev-v100000-0 (TIMEOUT) does not answer',
      expect.stringMatching(/^guarding/),
      expect.stringMatching(/is no worse .* by 70 requests/),
    ]);
  }, 15_000);

  it('waits for NATS at its beginning: the canary has its players by then, and nobody else watches it', async () => {
    const unbroken = session.operator.unbroken.bind(session.operator);
    session.operator.unbroken = () => {
      session.operator.unbroken = unbroken;
      return Promise.reject(new NatsProblem('The connection to NATS broke.'));
    };
    answers = [yesterday, today];
    await watchCanary(session, canary, 1);
    expect(printed).toContain('could not look: The connection to NATS broke.');
  }, 15_000);

  it('leaves a canary to the operator that is worse by the requests of one player alone', async () => {
    const errorsOf = [{ player: 'loud', errors: 400 }];
    const bad = { ...counts(canary, 900, 10_070), errorsOf };
    answers = [yesterday, { ...yesterday, routes: [counts(stable, 0, 10_500), bad] }];
    await expect(watchCanary(session, canary, 1)).rejects.toThrow(
      /leaves 1\.0\.0001 to you\. One player's requests alone .* 85\.11 % of its requests fail/,
    );
    expect(session.change).not.toHaveBeenCalled();
  });

  it('rolls a canary back that lets nobody in: there is nothing else that its players ask for', async () => {
    const routes = [handshakes(stable, 0, 600), handshakes(canary, 50, 0)];
    answers = [
      { ...yesterday, routes: [] },
      { ...yesterday, routes },
    ];
    await expect(watchCanary(session, canary, 1)).rejects.toThrow(
      /^1\.0\.0001 was rolled back: handshake: 100\.00 % of its requests fail/,
    );
  });

  it('says that it rolled the canary back, and how to go on, where the routes could not follow', async () => {
    const bad = { ...yesterday, routes: [counts(stable, 0, 10_500), counts(canary, 900)] };
    answers = [yesterday, bad];
    session.change = () => {
      now = endCanary(canary)(table);
      return Promise.reject(
        new Error('No API server.\nThe table has changed: go on with "ccgame release follow".'),
      );
    };
    await expect(watchCanary(session, canary, 10)).rejects.toThrow(
      /^1\.0\.0001 was rolled back: .* fail, .*\.\nNo API server\.\nThe table has changed: go on with "ccgame release follow"/,
    );
  });

  it('says the same where the table has the rollback only later, as one that NATS did not answer', async () => {
    const bad = { ...yesterday, routes: [counts(stable, 0, 10_500), counts(canary, 900)] };
    answers = [yesterday, bad];
    session.change = () => Promise.reject(new Error('NATS did not say: "ccgame release follow".'));
    const watching = watchCanary(session, canary, 10);
    const told = expect(watching).rejects.toThrow(
      /^1\.0\.0001 was rolled back: .* fail, .*\.\nNATS did not say: "ccgame release follow"/,
    );
    await untilHolds(() => printed.some((line) => line.startsWith('could not look: NATS did not say')));
    now = endCanary(canary)(table);
    await told;
  }, 15_000);

  const matching = (version: string, incarnation: string, podUid?: string): object => ({
    serverId: `matching-${version}-0`,
    serverType: 'matching',
    version,
    incarnation,
    podUid,
  });
  const restarts = (version: string, ...podUids: string[]): object[][] =>
    ['a', 'b', 'c'].map((incarnation, index) => [matching(version, incarnation, podUids[index])]);

  it('rolls a canary back that crashes again and again: its failed requests are lost with its process', async () => {
    answers = [yesterday, today];
    heard = restarts(canary, 'pod', 'pod', 'pod');
    const sentence = "its matching servers ended and started again 2 times, stable's 0 times";
    await expect(watchCanary(session, canary, 20)).rejects.toThrow(`${canary} was rolled back: ${sentence}.`);
    expect(session.change).toHaveBeenCalledWith(
      `guard rolled ${canary} back: ${sentence}`,
      expect.anything(),
    );
  }, 15_000);

  it.each([
    ['once, as by accident', () => restarts(canary).slice(1)],
    [
      'no more often than stable, as where NATS ends them',
      () => restarts(canary).map((look, index) => [...look, ...restarts(stable)[index]]),
    ],
    ['in other pods, as where their nodes are drained', () => restarts(canary, '1', '2', '3')],
  ])(
    'leaves a canary whose servers start again %s',
    async (_, looks) => {
      answers = [yesterday, today];
      heard = looks();
      await watchCanary(session, canary, 5);
      expect(session.change).not.toHaveBeenCalled();
    },
    15_000,
  );

  it.each([
    [
      'no player of the canary',
      [counts(stable, 0, 10_500), counts(canary, 500)],
      /saw no request of 1\.0\.0001's players/,
    ],
    [
      'handshakes of the canary alone',
      [counts(stable, 0, 10_500), counts(canary, 500), handshakes(stable, 0, 50), handshakes(canary, 0, 50)],
      /saw no request of 1\.0\.0001's players/,
    ],
    [
      'no player of stable',
      [counts(stable, 0), counts(canary, 500, 10_070)],
      /saw 70 requests of 1\.0\.0001's players, but none of 1\.0\.0000's/,
    ],
  ])(
    'fails when it saw %s: nothing is compared then, and CI would promote it',
    async (_, routes, sentence) => {
      answers = [yesterday, { ...yesterday, routes }];
      await expect(watchCanary(session, canary, 1)).rejects.toThrow(sentence);
      expect(session.change).not.toHaveBeenCalled();
    },
  );
});
