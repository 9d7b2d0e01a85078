import { RpcError, rpcContext } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import { Entity, Handles, markOf } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityErrors } from '../errors.js';
import { EntityOf } from '../live/entity-of.js';
import { HeldEntity } from '../memory/held-entity.js';
import { metrics } from '../metrics.js';
import { PendingInput } from '../storage/pending-input.js';
import { CallSender, type EntityCalls } from './call-sender.js';

const profile = entity({ serverType: 'profiles', name: 'profile' });
const reward = profile.serverHandler('reward', { payload: Number });
const match = entity({ serverType: 'play', name: 'match' });
const finish = match.serverHandler('finish');

@Entity(match)
class Match extends EntityOf {
  create(): object {
    return {};
  }
  @Handles(finish)
  finish(): void {
    this.sendCall(reward, 'ann', 30);
  }
}

const kind = { mark: markOf(Match), construct: () => Promise.resolve(new Match()) };

describe('the sender of calls', () => {
  let held: HeldEntity;
  let isHere: boolean;
  /** How the call is answered. */
  let answer: { arrive: () => void; refuse: (error: Error) => void };
  let delivered: number;
  let sentBy: string | undefined;

  beforeEach(() => {
    held = new HeldEntity('match.m1', 'm1', kind, new Match(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    held.live.apply({ n: 2, h: 'finish', at: 2 });
    [isHere, delivered] = [true, 0];
  });

  async function sendCalls(): Promise<void> {
    const calls: EntityCalls = {
      deliverCall: () =>
        new Promise((arrive, refuse) => {
          delivered += 1;
          sentBy = rpcContext.get().attributes.uid;
          answer = { arrive, refuse };
        }),
      settleCall: () => Promise.resolve(),
    };
    const sender = new CallSender({
      calls,
      confirmOwner: () => Promise.resolve(),
      isHere: () => isHere,
      storeArrival: (one, d) => {
        if (one.leaving || one.isFrozen) return undefined;
        const input = { n: one.live.n + 1, h: '', b: 'arrived' as const, d, at: 3 };
        return new PendingInput(one, input, JSON.stringify(input), one.live.apply(input));
      },
    });
    sender.sendCalls(held, held.live.n);
    await nextTurn();
    expect(delivered).toBe(1);
  }

  it('sends outside the call that began it, as later ones go the same way', async () => {
    await rpcContext.run({ attributes: { uid: 'anna' } }, () => sendCalls());
    expect(sentBy).toBeUndefined();
  });

  it('notes what arrived while its entity was offered to a version that did not take it', async () => {
    await sendCalls();
    let stay = (): void => undefined;
    held.leaving = new Promise<void>((resolve) => (stay = resolve)).finally(() => (held.leaving = undefined));
    answer.arrive();
    await nextTurn();
    expect(held.hasSentAll).toBe(false);
    stay();
    await nextTurn();
    expect(held.hasSentAll).toBe(true);
  });

  it('leaves it to the next owner to tell of a refusal', async () => {
    metrics.refusedCalls.reset();
    await sendCalls();
    isHere = false;
    answer.refuse(EntityErrors.CALL_REFUSED());
    await nextTurn();
    expect((await metrics.refusedCalls.get()).values).toEqual([]);
  });

  it.each([
    ['that says nothing of the call', new Error('The connection is closed')],
    ['of a version that does not take the target', EntityErrors.ENTITY_REFUSED()],
  ])('sends again what failed by an error %s', async (_, error) => {
    metrics.refusedCalls.reset();
    await sendCalls();
    answer.refuse(error);
    await untilHolds(() => delivered === 2);
    expect((await metrics.refusedCalls.get()).values).toEqual([]);
    answer.refuse(new RpcError('FORBIDDEN'));
    await nextTurn();
    expect((await metrics.refusedCalls.get()).values).toMatchObject([{ labels: { code: 'FORBIDDEN' } }]);
  });
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
