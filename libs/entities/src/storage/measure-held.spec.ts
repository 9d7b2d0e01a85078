import { RpcError } from '@ccgame/rpc';
import { Entity, Handles, markOf } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';
import { HeldEntity } from '../memory/held-entity.js';
import { tryMeasure } from './measure-held.js';

const channel = entity({ serverType: 'play', name: 'channel' });
const history = channel.serverHandler('history', { result: String });

@Entity(channel)
class Channel extends EntityOf {
  create(): object {
    return {};
  }
  @Handles(history)
  history(): string {
    return '好'.repeat(100_000);
  }
}

describe('an entity as it is to be stored', () => {
  it('is too large by its bytes: NATS takes 1 MB, and a Chinese character has three', () => {
    const kind = { mark: markOf(Channel), construct: () => Promise.resolve(new Channel()) };
    const held = new HeldEntity(
      'channel.c',
      'c',
      kind,
      new Channel(),
      '1.0.0000',
      { seq: 0 },
      () => undefined,
    );
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    const call = (number: number): void => {
      held.live.apply({ n: number + 1, h: 'history', at: number, c: { caller: 'lobby', number } });
    };
    const refusal = (): string | undefined => {
      const measured = tryMeasure(held);
      return measured instanceof RpcError ? measured.code : undefined;
    };
    for (const number of [1, 2, 3]) call(number);
    expect(refusal()).toBeUndefined();
    call(4);
    expect(refusal()).toBe('STATE_TOO_LARGE');
  });
});
