import type { RpcService } from '@ccgame/rpc';
import { hostileNames } from '@ccgame/testing';
import { entity } from '../contract/entity-contract.js';
import { EntityClient } from './entity-client.js';

const table = entity({ serverType: 'play', name: 'table' });
const look = table.serverHandler('look');

describe('an id that is none', () => {
  const called: unknown[] = [];
  const note = (...call: unknown[]): Promise<never[]> => {
    called.push(call);
    return Promise.resolve([]);
  };
  const rpc = { callOwner: note, doRPC: note, gatherRPC: note } as unknown as RpcService;
  const client = new EntityClient(rpc);

  const doors: Record<string, (value: never) => Promise<unknown>> = {
    'an entity that is called': (id) => client.call(look, id, undefined),
    'an entity that is made': (id) => client.create(table, id),
    'a room that is joined': (id) => client.join(table, id, 'anna'),
    'a player who joins': (playerId) => client.join(table, 'r1', playerId),
    'a room with seats': (id) => client.reserveSeats(table, id, ['anna'], 1_000),
    'a player with a seat': (playerId) => client.reserveSeats(table, 'r1', ['anna', playerId], 1_000),
    'a room that is left': (id) => client.leave(table, id, 'anna'),
    'a player who leaves': (playerId) => client.leave(table, 'r1', playerId),
  };

  it.each(Object.entries(doors))('of %s is refused with INVALID, and nobody is called', async (_, enter) => {
    const results = await Promise.allSettled(hostileNames.map(async ([, value]) => enter(value as never)));
    const codes = results.map((one) =>
      one.status === 'rejected' ? (one.reason as { code: string }).code : 'ran',
    );
    expect(codes).toEqual(hostileNames.map(() => 'INVALID'));
    expect(called).toEqual([]);
  });
});
