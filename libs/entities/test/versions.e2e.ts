import { jetstreamManager } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { drainVersion, promoteVersion, retireVersion } from '@ccgame/releases';
import { Bindings } from '@ccgame/sessions';
import { EntityHost } from '../src/host/entity-host.js';
import { metrics } from '../src/metrics.js';
import { entityStreamName } from '../src/storage/jetstream/entity-stream.js';
import { PartitionSubjects } from '../src/storage/partition-subjects.js';
import {
  board,
  type BoardView,
  count,
  countLater,
  duel,
  Duel,
  enter,
  goHome,
  hit,
  lookAt,
  NewBoard,
  note,
  Note,
  OldBoard,
  put,
  readCount,
  StrictBoard,
  Visitor,
} from './board-room.js';
import { BoundPlayer } from './bound-player.js';
import { browse, Diary, diary, scribble, write, writeOwn } from './diary.js';
import { type Host, HostCluster, until } from './host-cluster.js';
import { Operator } from './operator.js';

const [v1, v2, v3] = ['1.0.0000', '1.0.0001', '1.0.0002'];

async function failedMoves(): Promise<number> {
  const { values } = await metrics.failedMoves.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

async function notesInMemory(): Promise<number> {
  const { values } = await metrics.live.get();
  return values.find(({ labels }) => labels.entity === 'note')?.value ?? 0;
}

describe('entities of several versions', () => {
  let cluster: HostCluster;
  let operator: Operator;
  let oldHost: Host;
  /** Servers that only call, one in each version. */
  let old: Host;
  let recent: Host;

  beforeAll(async () => {
    cluster = await HostCluster.start(v1, v2, v3);
    operator = new Operator(cluster.operator);
    [oldHost] = await Promise.all([
      cluster.addHost(v1, [OldBoard, Duel, Note, Visitor, Diary]),
      cluster.addHost(v2, [NewBoard, Duel, Note, Visitor, Diary]),
    ]);
    [old, recent] = await Promise.all([cluster.addHost(v1, []), cluster.addHost(v2, [])]);
  }, 30_000);
  afterAll(async () => {
    operator.close();
    await cluster.stop();
  });

  const look = ({ client }: Host, id: string): Promise<BoardView> => client.call(lookAt, id, undefined);

  it('are reached from each of them, in whichever they live', async () => {
    await old.client.create(board, 'reached');
    await recent.client.create(board, 'reached-too');
    const seen = await Promise.all(
      [old, recent].flatMap((host) => [look(host, 'reached'), look(host, 'reached-too')]),
    );
    expect(seen.map(({ code }) => code)).toEqual([1, 2, 1, 2]);
    await expect(recent.client.create(board, 'reached')).rejects.toMatchObject({ code: 'ENTITY_EXISTS' });
  });

  it('are born once, though two versions make the same at once', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `twin-${index}`);
    const counts = await Promise.all(
      names.map((id) => Promise.all([old, recent].map(({ client }) => client.call(count, id, undefined)))),
    );
    for (const both of counts) expect(both.sort()).toEqual([1, 2]);
  });

  it('are born, end and are born again by the hundred at once, without a batch for each', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `visitor-${index}`);
    const batches = new Set<string>();
    const callback = (_: unknown, { headers }: Msg): void =>
      void batches.add(headers?.get('Nats-Batch-Id') ?? '');
    const watch = cluster.operator.subscribe('entity.local.*.kept.visitor.*', { callback });
    for (const [contract, visits] of [
      [enter, 1],
      [enter, 2],
      [goHome, 2],
      [enter, 1],
      [goHome, 1],
    ] as const) {
      const told = names.map((id) => old.client.call(contract, id, undefined, { timeoutMs: 25_000 }));
      expect(new Set(await Promise.all(told))).toEqual(new Set([visits]));
    }
    watch.unsubscribe();
    // Each was born twice.
    expect(batches.size).toBeLessThan(names.length);
  });

  it('keep the call by which they are born, though others ask for them in that moment', async () => {
    const host = oldHost.app.get(EntityHost, { strict: false });
    const receive = (id: string, method: string, input: 'query' | 'stored'): Promise<unknown> =>
      host.receive(note.keyOf(id), {
        ...{ entity: note.name, id, method, input, payload: undefined, asked: 'by-server' },
      });
    const names = Array.from({ length: 10 }, (_, index) => `asked-${index}`);
    const counts = names.map(async (id, turns) => {
      const asked = Array.from({ length: 5 }, () => receive(id, 'readCount', 'query').catch(() => 'none'));
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await Promise.all([...asked, receive(id, 'count', 'stored')]);
      return receive(id, 'count', 'stored');
    });
    expect(await Promise.all(counts)).toEqual(names.map(() => 2));
  });

  it('are made by a query as by any other call', async () => {
    expect(await old.client.call(readCount, 'only-read', undefined)).toBe(0);
    expect(await recent.client.call(count, 'only-read', undefined)).toBe(1);
    expect(await old.client.call(readCount, 'only-read', undefined)).toBe(1);
  });

  it('are made by a player whom they let in, and nothing is stored for one whom they would not', async () => {
    const [ann, bob] = ['ann', 'bob'].map(
      (id) => new BoundPlayer(id, [write, browse, scribble, writeOwn], old.app),
    );
    const stored = async (): Promise<string[]> => {
      const { streams } = await jetstreamManager(cluster.operator);
      const subjects_filter = 'entity.local.*.kept.diary.>';
      const { state } = await streams.info(entityStreamName('local'), { subjects_filter });
      return Object.keys(state.subjects ?? {}).map((subject) => subject.split('.').at(-1) as string);
    };
    for (const diaryId of ['ann', 'x-1', 'x-2'])
      for (const route of ['write', 'browse', 'scribble'])
        await expect(bob.ask(`local.${route}`, { diaryId })).rejects.toMatchObject({ code: 'NOT_ADMITTED' });
    await oldHost.app.get(Bindings, { strict: false }).bind('bob', diary.kind, 'x-3');
    await expect(bob.ask('local.write_own', undefined)).rejects.toMatchObject({ code: 'NOT_BOUND' });
    expect(await stored()).toEqual([]);
    expect(await ann.ask('local.write', { diaryId: 'ann' })).toBe(1);
    await expect(bob.ask('local.write', { diaryId: 'ann' })).rejects.toMatchObject({ code: 'NOT_ADMITTED' });
    expect(await ann.ask('local.browse', { diaryId: 'ann' })).toBe(1);
    expect(await bob.ask('local.scribble', { diaryId: 'bob' })).toBe(1);
    expect((await stored()).sort()).toEqual(['ann', 'bob']);
    ann.close();
    bob.close();
  });

  it('are carried on at a tick’s border and back, with no input lost, refused, or applied twice', async () => {
    const boards = Array.from({ length: 6 }, (_, index) => `carried-${index}`);
    await Promise.all(boards.map((id) => old.client.create(board, id)));
    let isOver = false;
    const seen = new Map(boards.map((id) => [id, [] as BoardView[]]));
    const play = async (boardId: string, { client }: Host): Promise<void> => {
      while (!isOver) seen.get(boardId)?.push(await client.call(put, boardId, { boardId, by: 1 }));
    };
    const playing = boards.flatMap((id) => [play(id, old), play(id, recent)]);
    const untilCode = (code: number): Promise<void> =>
      until(() => boards.every((id) => seen.get(id)?.at(-1)?.code === code));
    await untilCode(1);
    await cluster.changeTable(promoteVersion(v2));
    await untilCode(2);
    await cluster.changeTable(promoteVersion(v1));
    await untilCode(1);
    isOver = true;
    await Promise.all(playing);
    for (const views of seen.values()) {
      const inputs = views.map((view) => view.inputs).sort((one, other) => one - other);
      expect(inputs).toEqual(inputs.map((_, index) => index + 1));
      expect(views.every((view) => view.sum === view.inputs)).toBe(true);
      views.sort((one, other) => one.inputs - other.inputs);
      const ticks = views.map(({ tick }) => tick);
      expect(ticks).toEqual(ticks.toSorted((one, other) => one - other));
      expect(views.filter(({ code }) => code === 2).length).toBeGreaterThan(0);
    }
  });

  it('are reached by members who name none, in whichever version they live', async () => {
    const ann = new BoundPlayer('ann', [put], old.app);
    await old.client.create(board, 'bound');
    await expect(ann.ask('local.put', { by: 1 })).rejects.toMatchObject({ code: 'NOT_BOUND' });
    await recent.client.join(board, 'bound', 'ann');
    expect(await ann.ask('local.put', { by: 1 })).toMatchObject({ code: 1, inputs: 1 });
    await cluster.changeTable(promoteVersion(v2));
    await until(async () => (await look(old, 'bound')).code === 2);
    expect(await ann.ask('local.put', { by: 1 })).toMatchObject({ code: 2, inputs: 2 });
    await cluster.changeTable(promoteVersion(v1));
    await until(async () => (await look(old, 'bound')).code === 1);
    expect(await ann.ask('local.put', { by: 1 })).toMatchObject({ code: 1, inputs: 3 });
    ann.close();
  });

  it('stay in their version and go on, where the other one’s code throws', async () => {
    await old.client.create(board, 'odd');
    const failed = await failedMoves();
    await cluster.changeTable(promoteVersion(v2));
    await until(async () => (await failedMoves()) > failed);
    const { tick } = await look(recent, 'odd');
    await until(async () => (await look(old, 'odd')).tick > tick + 2);
    expect(await look(recent, 'odd')).toMatchObject({ code: 1 });
    await cluster.changeTable(promoteVersion(v1));
  });

  it('stay where they are until they end, where they are declared so', async () => {
    await old.client.create(duel, 'to-the-end');
    await old.client.create(board, 'beside');
    await cluster.changeTable(promoteVersion(v2));
    await until(async () => (await look(old, 'beside')).code === 2);
    for (const hits of [1, 2, 3]) expect(await recent.client.call(hit, 'to-the-end', undefined)).toBe(hits);
    await expect(old.client.call(hit, 'to-the-end', undefined)).rejects.toMatchObject({ code: 'NO_ENTITY' });
    await recent.client.create(duel, 'to-the-end');
    expect(await old.client.call(hit, 'to-the-end', undefined)).toBe(1);
    await cluster.changeTable(promoteVersion(v1));
  });

  it('tell an operator how many there are in a version, and for how long', async () => {
    await old.client.create(duel, 'counted');
    await until(async () => (await operator.workOf(v1)).includes('1 duel rooms, the longest 1 s'));
    expect(await operator.workOf('9.9.9999')).toBe('none');
    for (const hits of [1, 2, 3]) expect(await old.client.call(hit, 'counted', undefined)).toBe(hits);
    await until(async () => !(await operator.workOf(v1)).includes('duel'));
  });

  it('have a release refused that could not go on with them: by what classes declare, and by real states', async () => {
    await expect(operator.assertTaken(v2, v1)).resolves.toBeUndefined();
    await until(() => operator.assertTaken(v1, v2).then(Boolean, () => true));
    await expect(operator.assertTaken(v1, v2)).rejects.toMatchObject({
      problems: [
        `${v2} does not take board odd: upgrade threw: an odd board.`,
        expect.stringMatching(/Nothing was changed/),
      ],
    });
    await cluster.addHost(v3, [StrictBoard, Duel, Note, Visitor, Diary]);
    await expect(operator.assertTaken(v1, v3)).rejects.toMatchObject({
      problems: [
        `${v3} does not take board: the class has no upgrade from state version 1.`,
        expect.anything(),
      ],
    });
    await expect(operator.assertTaken(v3, v1)).rejects.toMatchObject({
      problems: [
        `${v1} does not take board: the class has no downgrade to state version 1.`,
        expect.anything(),
      ],
    });
  });

  /** Without a call, which would wake the note. */
  async function storedCount(version: string, id: string): Promise<number> {
    const { streams } = await jetstreamManager(cluster.operator);
    const subjects = new PartitionSubjects('local', version, note.keyOf(id));
    const last_by_subj = subjects.state(`note.${id}`, false);
    const stored = await streams.getMessage(entityStreamName('local'), { last_by_subj });
    return stored?.json<{ state: { count: number } }>().state.count ?? 0;
  }

  it('are woken by an alarm where they sleep, once', async () => {
    await old.client.call(countLater, 'woken', 1_500);
    await until(async () => (await notesInMemory()) === 0);
    await until(async () => (await storedCount(v1, 'woken')) > 0);
    expect(await old.client.call(readCount, 'woken', undefined)).toBe(1);
  });

  /** A crowd, all at once. */
  async function countAll({ client }: Host): Promise<Set<number>> {
    const ids = Array.from({ length: 200 }, (_, index) => `asleep-${index}`);
    const counts = ids.map((id) => client.call(count, id, undefined, { timeoutMs: 25_000 }));
    return new Set(await Promise.all(counts));
  }

  it('that sleep in a version which was retired go on in another one, and are woken by their alarms there', async () => {
    await old.client.call(countLater, 'woken-elsewhere', 6_000);
    for (const times of [1, 2]) expect(await countAll(old)).toEqual(new Set([times]));
    await until(async () => (await notesInMemory()) === 0);
    await cluster.changeTable(promoteVersion(v2));
    await cluster.changeTable(drainVersion(v1));
    await cluster.remove(oldHost);
    await cluster.changeTable(retireVersion(v1));
    expect(await countAll(recent)).toEqual(new Set([3]));
    await until(async () => (await storedCount(v2, 'woken-elsewhere')) > 0);
    expect(await recent.client.call(readCount, 'woken-elsewhere', undefined)).toBe(1);
  });
});
