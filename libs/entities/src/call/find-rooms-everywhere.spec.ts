import { Logger } from '@nestjs/common';
import { type Gathered, RpcError, type RpcService } from '@ccgame/rpc';
import { entity } from '../contract/entity-contract.js';
import type { FindRoomsDto, FoundRooms } from '../host/find-rooms.contract.js';
import { EntityClient } from './entity-client.js';

const table = entity({ serverType: 'play', name: 'table' });

type Answer = (wanted: FindRoomsDto) => Gathered<FoundRooms>;

/** A caller, and the servers that answer it. */
function clientOf(...servers: Answer[]): EntityClient {
  const gatherRPC = (_: object, wanted: FindRoomsDto): Promise<Gathered<FoundRooms>[]> =>
    Promise.resolve(servers.map((answer) => answer(wanted)));
  return new EntityClient({ gatherRPC } as unknown as RpcService);
}

const roomsOf =
  (serverId: string, count: number): Answer =>
  ({ limit, after = '' }) => {
    const ids = Array.from({ length: count }, (_, index) => `${serverId}-${index}`).filter(
      (id) => id > after,
    );
    const rooms = ids.slice(0, limit).map((id) => ({ id, version: '1', members: 0, labels: {} }));
    const next = ids.length > limit ? rooms.at(-1)?.id : undefined;
    return { serverId, data: { rooms, servers: 2, ...(next !== undefined && { next }) } };
  };

describe('a list of the rooms of all servers', () => {
  it('says how many servers answered with an error, as their rooms are missing', async () => {
    const warned: unknown[] = [];
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void warned.push(line));
    const fails: Answer = () => ({ serverId: 'b', error: new RpcError('INTERNAL') });
    const found = await clientOf(roomsOf('a', 2), fails).find(table);
    warn.mockRestore();
    expect(found).toMatchObject({ rooms: [{ id: 'a-0' }, { id: 'a-1' }], failed: 1 });
    expect(warned).toEqual([{ event: 'rooms.not-found', entity: 'table', from: 'b', code: 'INTERNAL' }]);
  });

  it('has smaller pages where the answer of a server would be too large, and misses none', async () => {
    const large: Answer = (wanted) =>
      wanted.limit > 5 ? { serverId: 'b', error: new RpcError('TOO_LARGE') } : roomsOf('b', 9)(wanted);
    const client = clientOf(roomsOf('a', 3), large);
    const found: string[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      const page: FoundRooms = await client.find(table, { limit: 20, after });
      expect(page.failed).toBeUndefined();
      found.push(...page.rooms.map(({ id }) => id));
      after = page.next;
    }
    expect(found).toEqual([
      ...[0, 1, 2].map((n) => `a-${n}`),
      ...Array.from({ length: 9 }, (_, n) => `b-${n}`),
    ]);
  });
});
