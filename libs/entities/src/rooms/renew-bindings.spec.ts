import { IsOptional, IsString } from 'class-validator';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';

const duel = entity({ serverType: 'play', name: 'duel', partitions: 1 });

class StrikeDto {
  @IsOptional()
  @IsString()
  duelId?: string;
}

const strike = duel.clientHandler('strike', { payload: StrikeDto, id: 'duelId', idOptional: true });

@Room(duel, { tickHz: 20 })
class Duel extends RoomOf<{ strikes: number }> {
  create(): { strikes: number } {
    return { strikes: 0 };
  }

  @Handles(strike)
  strike(): void {
    this.state.strikes += 1;
  }

  tick(): void {
    // It only waits for strikes.
  }
}

it('members of a room stay bound for as long as it lives: it renews their bindings wherever it goes on', async () => {
  const owners = await PartitionOwners.start();
  jest.spyOn(Math, 'random').mockReturnValue(0);
  const renewed: string[] = [];
  const nothing = (): Promise<void> => Promise.resolve();
  const renew = (...binding: string[]): Promise<void> =>
    nothing().then(() => void renewed.push(binding.join()));
  const own = () =>
    owners.own({ classes: [Duel], key: 'p0', bindings: { bind: nothing, unbind: nothing, renew } });
  try {
    const owner = await own();
    await owner.receive(callOf('duel', 'd', 'create', 'null', { builtIn: 'create' }));
    for (const player of ['ann', 'ben'])
      await owner.receive(callOf('duel', 'd', 'join', player, { builtIn: 'join' }));
    owner.close();
    renewed.length = 0;
    await own();
    await untilHolds(() => renewed.length === 2, { timeoutMs: 5_000 });
    expect(renewed).toEqual(['ann,play.duel,d', 'ben,play.duel,d']);
  } finally {
    jest.restoreAllMocks();
    await owners.stop();
  }
});
