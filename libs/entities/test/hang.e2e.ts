import type { RpcError } from '@ccgame/rpc';
import type { HangNote } from '@ccgame/server';
import { type ServerProcess, untilHolds } from '@ccgame/testing';
import { hangSubject } from '../src/hangs/hang-subject.js';
import { entityStreamName } from '../src/storage/jetstream/entity-stream.js';
import { PartitionSubjects } from '../src/storage/partition-subjects.js';
import type { Checkpoint } from '../src/live/records.js';
import { counter } from '../../../proof/entities/contracts.js';
import { maze, ticksOf, walkIn } from '../../../proof/entities/maze-contracts.js';
import { Caller, expectExactly } from './caller.js';
import { PlayCluster } from './play-cluster.js';

const wait = { timeoutMs: 20_000 };
const isThere = (id: string): boolean => maze.keyOf(id) === 'p1';

describe('an endless loop in a room', () => {
  let cluster: PlayCluster;
  let callers: Caller[];
  let tests = 0;
  const ends: string[] = [];
  const neighbours = Array.from({ length: 200 }, (_, index) => `calm-${index}`)
    .filter(isThere)
    .slice(0, 20);
  const looping = (name: string): string =>
    Array.from({ length: 50 }, (_, index) => `${name}-${index}`).find(isThere) ?? '';

  beforeAll(async () => {
    cluster = await PlayCluster.start(3, { HANG_TIMEOUT_SECONDS: '1.5' });
    for (const server of cluster.servers) startAgain(server);
    for (const id of neighbours) await cluster.client.create(maze, id);
  }, 60_000);
  beforeEach(() => {
    tests += 1;
    ends.length = 0;
    callers = Array.from({ length: 20 }, (_, index) => `counter-${tests}-${index}`)
      .filter((id) => counter.keyOf(id) === 'p1')
      .slice(0, 2)
      .map((id) => new Caller(cluster, id));
  });
  afterEach(async () => {
    await Promise.all(callers.map((caller) => caller.stop()));
    await Promise.all(cluster.servers.map((server) => server.untilReady()));
  });
  afterAll(() => cluster.stop());

  async function expectNeighboursRun(): Promise<void> {
    const ticks = (): Promise<number[]> =>
      Promise.all(neighbours.map((id) => cluster.client.call(ticksOf, id, undefined)));
    const before = await ticks();
    const answers = callers.map((caller) => caller.answers.length);
    await untilHolds(async () => (await ticks()).every((tick, index) => tick > before[index]), wait);
    await untilHolds(() => callers.every((caller, index) => caller.answers.length > answers[index]), wait);
    await Promise.all(callers.map((caller) => caller.stop()));
    for (const caller of callers) expectExactly(caller);
  }

  async function stateOf(id: string): Promise<Checkpoint | undefined> {
    const subject = new PartitionSubjects('play', '1.0.0000', maze.keyOf(id)).state(`maze.${id}`, true);
    const { record } = await cluster.reader.readRecord(entityStreamName('play'), subject);
    return record?.json();
  }

  async function marksOf(id: string): Promise<HangNote[]> {
    const notes: HangNote[] = [];
    await cluster.reader.readAll(entityStreamName('play'), hangSubject('play', `maze.${id}.>`), (message) =>
      notes.push(message.json<HangNote>()),
    );
    return notes;
  }

  /** As Kubernetes does it. */
  function startAgain(server: ServerProcess): void {
    server.onCrash((how) => {
      ends.push(how);
      server.start();
      startAgain(server);
    });
  }

  /** Two; or three, where the loop got so little CPU that the next server took over before it was marked. */
  async function expectFewEnded(): Promise<void> {
    // The last one was taken over from before it ended itself.
    await untilHolds(() => ends.length >= 2, wait);
    expect([2, 3]).toContain(ends.length);
    expect(new Set(ends)).toEqual(new Set(['SIGKILL']));
  }

  it('of a handler ends two servers in turn, and then that room alone', async () => {
    const id = looping('handler');
    await cluster.client.create(maze, id);
    await cluster.client.call(walkIn, id, 'out');
    const call = cluster.client.call(walkIn, id, 'for ever');
    await expect(call).rejects.toMatchObject({ code: 'ENTITY_STOPPED' });
    await expectNeighboursRun();
    await expectFewEnded();
    expect((await marksOf(id)).filter(({ forSeconds }) => forSeconds === 3_600)).toHaveLength(ends.length);
    const logs = cluster.servers.map((server) => server.logTail(1_000)).join('\n');
    expect(logs).toContain(`"work":"entity.play.hung.maze.${id} walk"`);
    // The state that is kept has all that was answered before.
    expect(await stateOf(id)).toMatchObject({
      stopped: expect.stringMatching(/^[23] servers hung in it/) as string,
      state: { walks: ['out'] },
    });
  }, 60_000);

  it('of a tick does so too', async () => {
    const id = looping('tick');
    await cluster.client.create(maze, id);
    await cluster.client.call(walkIn, id, 'at the next tick');
    const codeOf = (): Promise<string> =>
      cluster.client.call(ticksOf, id, undefined).then(
        () => 'answered',
        (error: RpcError) => error.code,
      );
    await untilHolds(async () => (await codeOf()) === 'ENTITY_STOPPED', { timeoutMs: 40_000 });
    await expectNeighboursRun();
    await expectFewEnded();
  }, 60_000);
});

describe('a turn of a second', () => {
  let cluster: PlayCluster;

  // Alone: on a busy machine another server would take the partition over, as it should.
  beforeAll(async () => (cluster = await PlayCluster.start(1, { HANG_TIMEOUT_SECONDS: '3' })));
  afterAll(() => cluster.stop());

  it('is marked while it lasts, and not when it has ended', async () => {
    const crashes: string[] = [];
    cluster.servers[0].onCrash((how) => crashes.push(how));
    const marks: string[] = [];
    cluster.connection.subscribe('entity.play.hung.maze.second.>', {
      callback: (_, message) => void marks.push(message.string()),
    });
    await cluster.connection.flush();
    await cluster.client.create(maze, 'second');
    await cluster.client.call(walkIn, 'second', 'for a second');
    await untilHolds(() => marks.length >= 2, wait);
    // Should nobody take it back, it is soon forgotten.
    expect(JSON.parse(marks[0])).toMatchObject({ what: 'walk', forSeconds: 30 });
    expect(marks[1]).toBe('');
    expect(crashes).toEqual([]);
  }, 60_000);
});
