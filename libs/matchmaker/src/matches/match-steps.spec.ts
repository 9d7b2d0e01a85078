import { Config } from '@ccgame/config';
import { RpcError, type RpcService } from '@ccgame/rpc';
import type { MatchAllocator } from '../allocation/match-allocator.js';
import { MatchAllocators } from '../allocation/match-allocators.js';
import type { MatchRecord } from '../contracts/matches.js';
import type { PlayedMatches } from '../store/played-matches.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { MatchAnnouncer } from './match-announcer.js';
import { MatchSteps } from './match-steps.js';

const allocating: MatchRecord = {
  matchId: 'm1',
  mode: 'duel',
  version: '1.0.0000',
  teams: [['anna'], ['ben']],
  tickets: ['t1', 't2'],
  createdAt: 0,
  state: 'allocating',
  allocateUntil: 10_000,
};

/** The players have newer tickets than those of the match. */
const gone = new Map(allocating.teams.flat().map((player) => [player, { seq: 2 }]));

/** Takes a match to its end, whose tickets are in it no more. @returns the states that it was written in */
async function settle(
  allocator: Partial<MatchAllocator>,
  match: MatchRecord,
): Promise<(string | undefined)[]> {
  const states: (string | undefined)[] = [];
  const steps = new MatchSteps(
    {
      clock: { now: () => 1_000 },
      ticketsOf: () => Promise.resolve(gone),
      writeBatch: (messages: { payload: string }[]) => {
        states.push((JSON.parse(messages.at(-1)?.payload ?? '') as MatchRecord).state);
        return Promise.resolve(states.length);
      },
    } as unknown as TicketStore,
    {} as PlayedMatches,
    {
      announceCancellation: () => Promise.resolve(),
      announceProposal: () => Promise.resolve(),
    } as unknown as MatchAnnouncer,
    {} as RpcService,
    new MatchAllocators([{ patienceMs: 10_000, allocate: () => Promise.resolve({}), ...allocator }]),
  );
  steps.advance({ record: match, seq: 1 });
  await steps.whenIdle();
  return states;
}

describe('a match that does not come about', () => {
  it('has its game server given back', async () => {
    const released: string[] = [];
    const release = ({ matchId }: MatchRecord): Promise<void> => Promise.resolve(void released.push(matchId));
    expect(await settle({ release }, allocating)).toEqual(['cancelled', 'cancellationAnnounced']);
    expect(released).toEqual(['m1']);
  });

  it('is over also where its game server can’t be given back, or the allocator has no way', async () => {
    const release = (): Promise<void> => Promise.reject(new Error('no'));
    expect(await settle({ release }, allocating)).toEqual(['cancelled', 'cancellationAnnounced']);
    expect(await settle({}, allocating)).toEqual(['cancelled', 'cancellationAnnounced']);
  });

  it('has none to give back where none was asked for', async () => {
    const released: string[] = [];
    const release = ({ matchId }: MatchRecord): Promise<void> => Promise.resolve(void released.push(matchId));
    const proposed: MatchRecord = {
      ...allocating,
      state: 'proposed',
      allocateUntil: undefined,
      acceptUntil: 0,
    };
    expect(await settle({ release }, proposed)).toEqual(['cancelled', 'cancellationAnnounced']);
    expect(released).toEqual([]);
  });
});

describe('a match of a stream that was restored', () => {
  const cancelled: MatchRecord = { ...allocating, state: 'cancelled' };
  const seqs = { before: 900, after: 4 };

  it('is taken on, though it stands at a lower place than before', async () => {
    const writes: number[] = [];
    const steps = new MatchSteps(
      {
        clock: { now: () => 1_000 },
        writeBatch: (messages: { expected: number }[]) => {
          const { expected = 0 } = messages.at(-1) ?? {};
          writes.push(expected);
          return Promise.resolve(expected + 1);
        },
      } as unknown as TicketStore,
      {} as PlayedMatches,
      { announceCancellation: () => Promise.resolve() } as unknown as MatchAnnouncer,
      {} as RpcService,
      new MatchAllocators([]),
    );
    const take = async (seq: number): Promise<void> => {
      steps.advance({ record: cancelled, seq });
      await steps.whenIdle();
    };
    await take(seqs.before);
    await take(seqs.after);
    expect(writes).toEqual([900]);
    steps.forgetAll();
    await take(seqs.after);
    expect(writes).toEqual([900, 4]);
  });
});

describe('a running match that players join', () => {
  const joined: MatchRecord = {
    ...allocating,
    matchId: 'm2',
    backfillOf: 'm1',
    version: '0.9.0000',
    state: 'formed',
    teams: [['cleo'], []],
    notify: { serverId: 'games-0', handler: 'players_joined' },
  };

  /** @returns what was done, in its order */
  async function tell(doRPC: (target: object) => Promise<unknown>, waitedMs = 100): Promise<string[]> {
    const done: string[] = [];
    const note = <T>(what: string, answer?: T): Promise<T | undefined> => {
      done.push(what);
      return Promise.resolve(answer);
    };
    const steps = new MatchSteps(
      { clock: { now: () => 1_000 }, writeBatch: () => note('stored', 2) } as unknown as TicketStore,
      { keep: () => note('kept') } as unknown as PlayedMatches,
      { announceMatch: () => note('players told') } as unknown as MatchAnnouncer,
      {
        doRPC: async (target: object) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          done.push('game told');
          return doRPC(target);
        },
      } as unknown as RpcService,
      new MatchAllocators([]),
    );
    steps.advance({ record: { ...joined, createdAt: 1_000 - waitedMs }, seq: 1 });
    await steps.whenIdle();
    return done;
  }

  it('hears of them before they are told, so that its room has them', async () => {
    expect(await tell(() => Promise.resolve())).toEqual(['kept', 'game told', 'players told', 'stored']);
  });

  it('keeps them waiting for no longer than one question, and is told again', async () => {
    const failed = (): Promise<never> => Promise.reject(new RpcError('TIMEOUT'));
    expect(await tell(failed)).toEqual(['kept', 'game told', 'players told']);
  });

  it('hears of them at another server, in whichever version, where the one that asked stays away', async () => {
    const targets: object[] = [];
    const goneBut = (last: number) => (target: object) =>
      targets.push(target) < last ? Promise.reject(new RpcError('NO_SERVER')) : Promise.resolve();
    const told = (times: number): string[] => Array<string>(times).fill('game told');
    // Its NATS server may be replaced.
    expect(await tell(goneBut(2))).toEqual(['kept', ...told(1), 'players told']);
    targets.length = 0;
    expect(await tell(goneBut(2), 6_000)).toEqual(['kept', ...told(2), 'players told', 'stored']);
    targets.length = 0;
    expect(await tell(goneBut(3), 6_000)).toEqual(['kept', ...told(3), 'players told', 'stored']);
    const another = { serverType: 'games', handler: 'players_joined' };
    expect(targets).toEqual([
      joined.notify,
      { ...another, version: joined.version },
      { ...another, version: Config.VERSION },
    ]);
  });
});
