import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { firstTable, promoteVersion, ReleaseStore } from '@ccgame/releases';
import { rpcContext } from '@ccgame/rpc';
import { type ReceivedSpan, TraceReceiver, untilHolds } from '@ccgame/testing';
import {
  add,
  addLater,
  counter,
  type CounterValue,
  grid,
  grow,
  payOut,
} from '../../../proof/entities/contracts.js';
import { entityStreamName } from '../src/storage/jetstream/entity-stream.js';
import { Caller, expectExactly } from './caller.js';
import { PlayCluster } from './play-cluster.js';

const stream = entityStreamName('play');

describe('an entity', () => {
  let cluster: PlayCluster;
  let traces: TraceReceiver;
  const callers: Caller[] = [];

  beforeAll(async () => {
    traces = await TraceReceiver.listen();
    cluster = await PlayCluster.start(2, {
      OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
  });
  afterEach(async () => {
    await Promise.all(callers.splice(0).map((caller) => caller.stop()));
  });
  afterAll(async () => {
    await cluster.stop();
    await traces.close();
  });

  const addTo = (counterId: string, by = 1) => cluster.client.call(add, counterId, { counterId, by });

  /** One for each of so many counters, on all partitions. */
  function startCallers(name: string, count = 8): Caller[] {
    callers.push(...Array.from({ length: count }, (_, index) => new Caller(cluster, `${name}-${index}`)));
    return callers;
  }

  async function stopAll(): Promise<void> {
    await Promise.all(callers.map((caller) => caller.stop()));
  }

  it('answers by its id, wherever it is', async () => {
    const ids = Array.from({ length: 16 }, (_, index) => `found-${index}`);
    const answers = await Promise.all(ids.map((id) => addTo(id, 3)));
    expect(answers).toEqual(ids.map(() => ({ value: 3, inputs: 1 })));
    expect(new Set(ids.map((id) => counter.keyOf(id))).size).toBe(4);
  });

  it('has its handler, and what it stores, in the trace of its caller', async () => {
    const [trace, parent] = ['ab'.repeat(16), 'cd'.repeat(8)];
    const context = { attributes: {}, traceparent: `00-${trace}-${parent}-01` };
    await rpcContext.run(context, () => addTo('traced'));
    const ofCaller = (all: ReceivedSpan[]) => all.find(({ parentSpanId }) => parentSpanId === parent);
    const spans = await traces.untilTrace('add', (all) => ofCaller(all)?.traceId === trace);
    const handler = ofCaller(spans);
    expect(handler).toMatchObject({ name: 'add', service: 'play' });
    const write = { name: 'JetStream publish', parentSpanId: handler?.spanId };
    expect(spans).toContainEqual(expect.objectContaining(write));
  });

  it('stores what several entities of a partition did in one batch', async () => {
    const ids = Array.from({ length: 64 }, (_, index) => `group-${index}`);
    const together = ids.filter((id) => counter.keyOf(id) === counter.keyOf(ids[0])).slice(0, 8);
    expect(together).toHaveLength(8);
    await Promise.all(together.map((id) => addTo(id)));
    const subject = `entity.play.${counter.keyOf(ids[0])}.own.1_0_0000.log.*`;
    const messages = await cluster.reader.readMessages(stream, {
      next_by_subj: subject,
      seq: 1,
      batch: 1_000,
    });
    const groups = messages.map((message) => message.json<{ inputs: [string, unknown][] }>().inputs);
    const entitiesOf = (inputs: [string, unknown][]) => new Set(inputs.map(([key]) => key)).size;
    expect(Math.max(...groups.map(entitiesOf))).toBeGreaterThan(1);
  });

  it('says so when its state is larger than is stored, and stays as it was', async () => {
    await addTo('large', 5);
    await expect(cluster.client.call(grow, 'large', { bytes: 20_000 })).rejects.toMatchObject({
      code: 'STATE_TOO_LARGE',
      details: { limit: 16_384 },
    });
    await expect(addTo('large', 1)).resolves.toEqual({ value: 6, inputs: 2 });
  });

  it('answers nothing that a full stream did not take, and goes on once there is space', async () => {
    const { streams } = await jetstreamManager(cluster.connection);
    await addTo('full', 5);
    const { config, state } = await streams.info(stream);
    expect(config).toMatchObject({ max_bytes: 2 ** 30, discard: 'new' });
    await streams.update(stream, { max_bytes: state.bytes + 1 });
    const refused = addTo('full', 1).catch((error: unknown) => error);
    const added = addTo('full-of-new-ones', 1).catch((error: unknown) => error);
    await sleep(500);
    await streams.update(stream, { max_bytes: config.max_bytes });
    const answers = await Promise.all([refused, added]);
    const isDone = (answer: unknown): boolean => !(answer instanceof Error);
    const value = isDone(answers[0]) ? 7 : 6;
    await expect(addTo('full', 1)).resolves.toMatchObject({ value });
    await expect(addTo('full-of-new-ones', 1)).resolves.toMatchObject({ value: isDone(answers[1]) ? 2 : 1 });
  });

  it('loses no answered input, and applies none twice, when its server is killed', async () => {
    const all = startCallers('killed');
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    const owner = await cluster.ownerOf(counter.keyOf('killed-0'));
    await owner.kill();
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    owner.start();
    await owner.untilReady();
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    await stopAll();
    for (const caller of all) expectExactly(caller);
    expect(await cluster.metric('ccgame_entities_divergences_total')).toBe(0);
  });

  it('has each alarm come once, though its server is killed before', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `later-${index}`);
    await Promise.all(names.map((id) => cluster.client.call(addLater, id, { by: 3, afterMs: 60_000 })));
    await Promise.all(names.map((id) => cluster.client.call(addLater, id, { by: 5, afterMs: 1_000 })));
    const owner = await cluster.ownerOf(counter.keyOf('later-0'));
    await owner.kill();
    owner.start();
    const values = async (): Promise<number[]> =>
      (await Promise.all(names.map((id) => addTo(id, 0)))).map(({ value }) => value);
    await untilHolds(async () => (await values()).every((value) => value !== 0), { seen: values });
    await owner.untilReady();
    expect(await values()).toEqual(names.map(() => 5));
    expect(await cluster.metric('ccgame_entities_divergences_total')).toBe(0);
  });

  it('has each call of a room that ended once, though the servers of both are killed at once', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `paid-${index}`);
    await Promise.all(names.map((id) => cluster.client.create(grid, id)));
    const paying = names.map((counterId, index) =>
      cluster.client.call(payOut, counterId, { counterId, by: index + 1 }),
    );
    await Promise.all(paying);
    await Promise.all(cluster.servers.map((server) => server.kill()));
    for (const server of cluster.servers) server.start();
    const read = (counterId: string): Promise<CounterValue> => addTo(counterId, 0);
    await Promise.all(
      names.map(async (id) => {
        await untilHolds(async () => (await read(id)).value !== 0, { seen: () => id });
      }),
    );
    await Promise.all(cluster.servers.map((server) => server.untilReady()));
    // A second one would have come by now: each room has had its answer, or has asked again.
    const values = (await Promise.all(names.map(read))).map(({ value }) => value);
    expect(values).toEqual(names.map((_, index) => index + 1));
    expect(await cluster.metric('ccgame_entities_divergences_total')).toBe(0);
  });

  it('is not harmed by an owner that was paused, and wakes', async () => {
    const all = startCallers('paused');
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    const owner = await cluster.ownerOf(counter.keyOf('paused-0'));
    owner.signal('SIGSTOP');
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    owner.signal('SIGCONT');
    await Promise.all(all.map((caller) => caller.untilAnswers(50)));
    await stopAll();
    for (const caller of all) expectExactly(caller);
  });

  it('moves at a planned stop without an error, and back', async () => {
    const all = startCallers('drained');
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    const owner = await cluster.ownerOf(counter.keyOf('drained-0'));
    await expect(owner.stop(10_000)).resolves.toBe('exit code 0');
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    owner.start();
    await owner.untilReady();
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    await stopAll();
    for (const caller of all) expectExactly(caller);
    const gap = Math.max(...all.map(({ longestGapMs }) => Math.round(longestGapMs)));
    process.stdout.write(`planned moves: the longest time between two answers was ${gap} ms\n`);
  });

  it('is in one version, exactly as it was answered, when both of its owners are killed in the middle of a move', async () => {
    const [from, to] = ['1.0.0000', '1.0.0001'];
    await cluster.addServer(to);
    const all = startCallers('released', 24);
    await Promise.all(all.map((caller) => caller.untilAnswers(10)));
    const store = await ReleaseStore.open(cluster.connection);
    const note = { who: 'test', why: 'test', action: 'test' };
    await cluster.servers.at(-1)?.untilReady();
    await store.writeFirstTable(firstTable('production', from, [to]), note);
    await store.changeTable('production', promoteVersion(to), note);
    const key = counter.keyOf('released-0');
    const own = all.filter(({ counterId }) => counter.keyOf(counterId) === key);
    const moved = async (): Promise<number> => {
      const versions = own.map(({ counterId }) => cluster.versionOf(key, `counter.${counterId}`));
      return (await Promise.all(versions)).filter((version) => version === to).length;
    };
    await untilHolds(async () => (await moved()) > 0, { everyMs: 1 });
    const killed = [await cluster.ownerOf(key, from), await cluster.ownerOf(key, to)];
    await Promise.all(killed.map((server) => server.kill()));
    for (const server of killed) server.start();
    await untilHolds(async () => (await moved()) === own.length, { seen: moved });
    await Promise.all(all.map((caller) => caller.untilAnswers(20)));
    await stopAll();
    for (const caller of all) expectExactly(caller);
    expect(await cluster.metric('ccgame_entities_divergences_total')).toBe(0);
    await Promise.all(cluster.servers.map((server) => server.untilReady()));
  });

  it('keeps what it was when both servers are killed, long after', async () => {
    await addTo('kept', 7);
    await sleep(700);
    await Promise.all(cluster.servers.map((server) => server.kill()));
    for (const server of cluster.servers) server.start();
    await Promise.all(cluster.servers.map((server) => server.untilReady()));
    await expect(addTo('kept', 1)).resolves.toEqual({ value: 8, inputs: 2 });
  });

  it('goes on in an empty store, where the store was lost and its owners had nothing to write', async () => {
    const { streams } = await jetstreamManager(cluster.connection);
    const { config } = await streams.info(stream);
    await streams.delete(stream);
    // As the server type `storage` makes it again.
    await streams.add(config);
    const ids = Array.from({ length: 16 }, (_, index) => `after-loss-${index}`);
    expect(new Set(ids.map((id) => counter.keyOf(id))).size).toBe(4);
    const answers = ids.map((counterId) =>
      cluster.client.call(add, counterId, { counterId, by: 2 }, { timeoutMs: 30_000 }),
    );
    await expect(Promise.all(answers)).resolves.toEqual(ids.map(() => ({ value: 2, inputs: 1 })));
  });
});
