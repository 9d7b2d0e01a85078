import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';
import { Flusher } from '../storage/flusher.js';

const table = entity({ serverType: 'play', name: 'table' });
const press = table.clientHandler('press', { result: Number });

@Room(table, { tickHz: 1 })
class Table extends RoomOf<{ presses: number }> {
  create(): { presses: number } {
    return { presses: 0 };
  }
  override admits(): boolean {
    return true;
  }
  @Handles(press)
  press(): number {
    return (this.state.presses += 1);
  }
  tick(): void {}
}

it("a server's call of a room waits for no others, also where it is made in a player's", async () => {
  const added = jest.spyOn(Flusher.prototype, 'add');
  const owners = await PartitionOwners.start();
  try {
    const owner = await owners.own({ classes: [Table], key: 'p0' });
    await owner.receive(callOf('table', 't', 'create', '{}', { builtIn: 'create' }));
    const askers = [
      { asked: 'by-id', p: 'anna' },
      { asked: 'by-server', p: 'anna' },
      { asked: 'by-server' },
    ] as const;
    for (const asker of askers) await owner.receive(callOf('table', 't', 'press', undefined, asker));
    const presses = added.mock.calls.filter(([{ input }]) => input.h === 'press');
    expect(presses.map(([{ mayWait }]) => mayWait)).toEqual([true, false, false]);
  } finally {
    await owners.stop();
    jest.restoreAllMocks();
  }
});
