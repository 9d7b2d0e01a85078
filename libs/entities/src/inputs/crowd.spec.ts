import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Entity, Handles } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';

const wall = entity({ serverType: 'play', name: 'wall', partitions: 1 });
const mark = wall.serverHandler('mark');

@Entity(wall, { createOnCall: true })
class Wall extends EntityOf<{ marks: number }> {
  create(): { marks: number } {
    return { marks: 0 };
  }
  @Handles(mark)
  mark(): void {
    this.state.marks += 1;
  }
}

it('the calls of a crowd are applied once, though all of them are sent again to a successor', async () => {
  const owners = await PartitionOwners.start();
  const first = await owners.own({ key: 'crowd', classes: [Wall] });
  const calls = Array.from({ length: 1_100 }, (_, index) =>
    callOf('wall', 'w', 'mark', undefined, { c: { caller: `p${index}/s`, number: 1 } }),
  );
  await Promise.all(calls.map((call) => first.receive(call)));
  first.close();
  const next = await owners.own({ key: 'crowd', classes: [Wall] });
  await Promise.all(calls.map((call) => next.receive(call)));
  expect(next.liveEntities().map(({ live }) => live.instance.state)).toEqual([{ marks: 1_100 }]);
  await owners.stop();
});
