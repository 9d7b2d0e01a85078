import { Logger } from '@nestjs/common';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { ensureStream } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import type { Readiness } from '@ccgame/server';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import type { Mode } from '../pool/rules/mode.js';
import { ModeCatalogue, modesStream } from './mode-catalogue.js';

const declared: Mode = { name: 'season', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
const winter: Mode = { ...declared, teamSize: 2, maxParty: 2 };
const broken = { ...winter, teamSize: 0 };

describe('the modes of a server that starts', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let health: NatsHealth;
  const open: ModeCatalogue[] = [];

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    health = new NatsHealth(connection);
    await ensureStream(await jetstreamManager(connection), modesStream);
  });
  afterAll(async () => {
    for (const catalogue of open) await catalogue.beforeApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });

  const put = (name: string, mode?: object): Promise<unknown> =>
    jetstream(connection).publish(`$KV.modes.${name}`, mode ? JSON.stringify({ ...mode, name }) : '');

  async function start(...modes: Mode[]): Promise<ModeCatalogue> {
    const readiness = { addCheck: () => undefined } as unknown as Readiness;
    const catalogue = new ModeCatalogue(connection, health, { modes }, readiness);
    open.push(catalogue);
    await catalogue.onModuleInit();
    await untilHolds(() => catalogue.isCaughtUp);
    return catalogue;
  }

  it('are the last good ones where an operator has put a wrong one since, as for those that ran then', async () => {
    const running = await start();
    await put('season', winter);
    await untilHolds(() => running.find('season') !== undefined);
    await put('season', broken);
    await put('season', { ...broken, teams: 0 });
    const started = await start(declared);
    expect(started.find('season')).toEqual(winter);
    expect(running.find('season')).toEqual(winter);
  });

  it('are the file’s where the key was deleted before a wrong one was put', async () => {
    await put('spring', winter);
    await put('spring');
    await put('spring', broken);
    const spring = { ...declared, name: 'spring' };
    expect((await start(spring)).find('spring')).toEqual(spring);
    expect((await start()).find('spring')).toBeUndefined();
  });

  it('are at once the newest: nobody hears of those that were replaced', async () => {
    for (const teamSize of [2, 3, 4]) await put('summer', { ...winter, teamSize });
    const summer = { ...declared, name: 'summer' };
    const readiness = { addCheck: () => undefined } as unknown as Readiness;
    const catalogue = new ModeCatalogue(connection, health, { modes: [summer] }, readiness);
    open.push(catalogue);
    const heard: (number | undefined)[] = [];
    catalogue.onChange((name) => heard.push(name === 'summer' ? catalogue.find(name)?.teamSize : undefined));
    await catalogue.onModuleInit();
    await untilHolds(() => catalogue.isCaughtUp);
    expect(heard.filter((size) => size !== undefined)).toEqual([4]);
  });

  it('that are refused are told once for each revision, however often NATS was away', async () => {
    for (const other of open.splice(0)) await other.beforeApplicationShutdown();
    const told = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const ofAutumn = (): unknown[] =>
      told.mock.calls.flatMap(([one]) => ((one as { mode?: string }).mode === 'autumn' ? [one] : []));
    await put('autumn', broken);
    const catalogue = await start();
    expect(ofAutumn()).toHaveLength(1);
    await nats.stop();
    await nats.start();
    await untilHolds(() =>
      put('may', winter).then(
        () => true,
        () => false,
      ),
    );
    await untilHolds(() => catalogue.find('may') !== undefined);
    expect(ofAutumn()).toHaveLength(1);
    await put('autumn', { ...broken, teams: 0 });
    await untilHolds(() => ofAutumn().length === 2);
    told.mockRestore();
  });
});
