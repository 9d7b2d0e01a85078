import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';

const yard = entity({ serverType: 'play', name: 'yard', partitions: 1 });
/** Its members are bound. */
export const kick = yard.clientHandler('kick');

@Room(yard, { tickHz: 20 })
class Yard extends RoomOf<object> {
  create(): object {
    return {};
  }
  tick(): void {}
}

it('a player who leaves while the binding is on its way to the storage is not bound', async () => {
  const owners = await PartitionOwners.start();
  const bound = new Set<string>();
  let goOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const begun = jest.fn();
  const bindings = {
    bind: async (playerId: string): Promise<void> => {
      begun();
      await gate;
      bound.add(playerId);
    },
    unbind: (playerId: string): Promise<void> => Promise.resolve(void bound.delete(playerId)),
    renew: (): Promise<void> => Promise.resolve(),
  };
  try {
    const owner = await owners.own({ classes: [Yard], key: 'p0', bindings });
    await owner.receive(callOf('yard', 'y', 'create', 'null', { builtIn: 'create' }));
    const joining = owner.receive(callOf('yard', 'y', 'join', 'ann', { builtIn: 'join' }));
    await untilHolds(() => begun.mock.calls.length === 1);
    await owner.receive(callOf('yard', 'y', 'leave', 'ann', { builtIn: 'leave' }));
    goOn();
    await joining;
    expect([...bound]).toEqual([]);
  } finally {
    await owners.stop();
  }
});
