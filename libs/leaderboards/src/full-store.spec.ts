import type { INestApplicationContext } from '@nestjs/common';
import { NatsHealth } from '@ccgame/nats';
import { natsOptions, NatsServer, SmallDisk } from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { register } from 'prom-client';
import { openBoards, until } from '../test/boards-app.js';
import type { BoardOptions } from './boards/board.js';
import { resultsStream, scoresStream } from './store/streams.js';
import { ScoreSubmitter } from './submission/score-submitter.js';
import { Leaderboards } from './views/leaderboards.js';

const boards: BoardOptions[] = [{ name: 'duel', kind: 'sum', decimals: 0 }];

/** A real NATS whose files lie on a disk of 64 MB. */
describe('leaderboards whose storage is full', () => {
  let disk: SmallDisk;
  let nats: NatsServer;
  let operator: NatsConnection;
  let app: INestApplicationContext;

  beforeAll(async () => {
    const options = await natsOptions();
    disk = SmallDisk.mount(options.folder);
    nats = await NatsServer.start(options);
    operator = await connect({ servers: nats.address, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    app = await openBoards(nats.address, { boards, serves: true });
    await until(() =>
      shownScore('anna').then(
        () => true,
        () => false,
      ),
    );
  }, 30_000);
  afterAll(async () => {
    await app?.close();
    await operator?.close();
    await nats?.stop('SIGKILL');
    disk.unmount();
    await nats?.destroy();
  });

  const shownScore = async (playerId: string): Promise<number | undefined> =>
    (await app.get(Leaderboards).player('duel', playerId)).player?.score;
  const submit = (id: string, playerId: string): Promise<unknown> =>
    app.get(ScoreSubmitter).submitScore({ topic: 'duel', id, playerId, score: 1 });
  const metric = async (name: string): Promise<number> => {
    const found = (await register.getMetricsAsJSON()).find(
      (one) => one.name === `ccgame_leaderboards_${name}`,
    );
    return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0);
  };
  const unsound = (): string[] => app.get(NatsHealth).storage.missing();

  const isBusy = (submitted: Promise<unknown>): Promise<boolean> =>
    submitted.then(
      () => false,
      (error: { code?: string }) => error.code === 'BUSY',
    );

  it('let results wait while there is no room for new players, and count each once when there is', async () => {
    await submit('first', 'anna');
    await until(async () => (await shownScore('anna')) === 1);
    const { streams } = await jetstreamManager(operator);
    const { state } = await streams.info(scoresStream.name);
    await streams.update(scoresStream.name, { max_bytes: state.bytes + 400 });
    const failures = await metric('count_failures_total');
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => submit(`wait-${index}`, `player-${index % 25}`)),
    );
    await until(async () => (await metric('count_failures_total')) > failures);
    expect(await shownScore('anna')).toBe(1);
    // The server takes results, so it is ready.
    expect(unsound()).toEqual([]);
    await streams.update(scoresStream.name, { max_bytes: scoresStream.max_bytes });
    await until(async () => (await app.get(Leaderboards).top('duel')).players === 26);
    await until(async () => (await shownScore('player-24')) === 2);
    expect(await metric('counted_total')).toBe(51);
    expect(await metric('players')).toBe(26);
  });

  it('say so while the disk is full, show what they have, and count what is submitted again once', async () => {
    let given = 0;
    await until(async () => {
      disk.fill();
      return isBusy(submit(`full-${given++}`, 'anna'));
    });
    // By the probe alone: no result is submitted meanwhile.
    await until(() => unsound().includes(resultsStream.name));
    expect(await shownScore('anna')).toBeGreaterThanOrEqual(1);
    disk.free();
    await nats.restart('SIGTERM');
    // All of them once more: what was stored before counts no second time.
    for (let index = 0; index < given; index++)
      await until(async () => !(await isBusy(submit(`full-${index}`, 'anna'))));
    await until(async () => (await shownScore('anna')) === 1 + given);
    await until(() => unsound().length === 0);
    await submit('after', 'anna');
    await until(async () => (await shownScore('anna')) === 2 + given);
  });
});
