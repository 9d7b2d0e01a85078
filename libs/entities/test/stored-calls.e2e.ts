import { jetstreamManager } from '@nats-io/jetstream';
import { drainVersion, promoteVersion, retireVersion } from '@ccgame/releases';
import { type RpcError, RpcService } from '@ccgame/rpc';
import { entityCalls } from '../src/host/entity-calls.js';
import { metrics } from '../src/metrics.js';
import { entityStreamName } from '../src/storage/jetstream/entity-stream.js';
import { type Host, HostCluster, until } from './host-cluster.js';
import { Operator } from './operator.js';
import {
  Account,
  account,
  Bank,
  Closed,
  credit,
  guess,
  pay,
  payAndBreak,
  payAndEnd,
  payGuess,
  payWrongly,
  Pot,
  pot,
  Purse,
  purse,
  readCredits,
} from './paying-entities.js';

const [v1, v2] = ['1.0.0000', '1.0.0001'];
const classes = [Pot, Purse, Account, Closed];
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('calls that entities send to others', () => {
  let cluster: HostCluster;
  let operator: Operator;
  /** Servers that only call, one in each version. */
  let caller: Host;
  let recent: Host;

  beforeAll(async () => {
    cluster = await HostCluster.start(v1, v2);
    operator = new Operator(cluster.operator);
    [caller, recent] = await Promise.all([cluster.addHost(v1, []), cluster.addHost(v2, [])]);
  });
  afterAll(async () => {
    operator.close();
    await cluster.stop();
  });

  /** None of an account that nothing has reached. */
  const credits = (id: string): Promise<number[]> => recent.client.call(readCredits, id, undefined);

  /** Resolves when an account has so many, and fails where they are others. */
  async function expectCredits(id: string, expected: number[]): Promise<void> {
    await until(async () => (await credits(id)).length >= expected.length);
    expect(await credits(id)).toEqual(expected);
  }

  it('are kept while nobody takes them, and arrive once and in order, whatever is cut off or retired meanwhile', async () => {
    const first = await cluster.addHost(v1, classes);
    await caller.client.create(pot, 'ended');
    await caller.client.create(pot, 'guessing');
    await caller.client.call(payAndEnd, 'ended', { from: 1, to: 20 });
    await caller.client.call(guess, 'guessing', 7);
    await caller.client.call(payGuess, 'guessing', undefined);
    await caller.client.call(pay, 'asleep', { from: 1, to: 5 });
    await until(() => alarmStands('asleep'));
    await cluster.cutOff(first);
    // An entity that slept long before has no input in the log any more.
    const { streams } = await jetstreamManager(cluster.operator);
    const filter = `entity.local.${purse.keyOf('asleep')}.own.1_0_0000.log.*`;
    await streams.purge(entityStreamName('local'), { filter });
    const second = await cluster.addHost(v1, classes);
    await caller.client.call(pay, 'asleep', { from: 6, to: 9 });
    await caller.client.call(payAndEnd, 'guessing', { from: 8, to: 9 });
    // Both rooms have ended, and a release waits for them.
    await until(async () => (await operator.workOf(v1)).includes('2 pot rooms'));

    await cluster.addHost(v2, classes);
    await cluster.changeTable(promoteVersion(v2));
    await cluster.changeTable(drainVersion(v1));
    await cluster.remove(second);
    await cluster.changeTable(retireVersion(v1));
    Bank.isOpen = true;
    await expectCredits('ended', upTo(20));
    await expectCredits('asleep', upTo(9));
    await expectCredits('guessing', [7, 8, 9]);
    expect(await valueOf(metrics.divergences)).toBe(0);
  }, 60_000);

  it('are applied once, however often they come, also by another owner and when they were settled', async () => {
    const { deliverCall, settleCall } = entityCalls(recent.app.get(RpcService));
    const to = {
      serverType: 'local',
      handler: credit.handler,
      entity: account.name,
      id: 'again',
      key: account.keyOf('again'),
    };
    const deliver = (number: number): Promise<void> =>
      deliverCall({ ...to, d: number, number, n: number }, { from: 'local.pot.x', number });
    await Promise.all([deliver(1), deliver(1)]);
    await deliver(2);
    await Promise.all([deliver(1), deliver(2)]);
    await settleCall({ ...to, number: 2, n: 2 }, { from: 'local.pot.x', number: 2 });
    await deliver(2);
    const owner = cluster.hosts.at(-1) as Host;
    await cluster.addHost(v2, classes);
    await cluster.cutOff(owner);
    await deliver(2);
    await deliver(3);
    expect(await credits('again')).toEqual([1, 2, 3]);
  }, 60_000);

  it('outlive their room, whose id is free for another one meanwhile', async () => {
    Bank.isOpen = false;
    await recent.client.create(pot, 'again-a-pot');
    await recent.client.call(payAndEnd, 'again-a-pot', { from: 1, to: 2 });
    await recent.client.create(pot, 'again-a-pot');
    await recent.client.call(payAndEnd, 'again-a-pot', { from: 3, to: 4 });
    Bank.isOpen = true;
    await expectCredits('again-a-pot', [1, 2, 3, 4]);
  });

  it('that are refused are counted, and hold nothing up', async () => {
    await recent.client.call(payWrongly, 'wrong', undefined);
    await expectCredits('wrong', [1]);
    await until(async () => (await refused()).length === 2);
    expect(await refused()).toEqual(['credit NO_DEBT', 'knock NO_ENTITY']);
  });

  it('of a room that was stopped arrive, and once, though a successor takes over what is left of it', async () => {
    Bank.isOpen = false;
    await recent.client.create(pot, 'broken');
    let sent = 0;
    const isStopped = async (): Promise<boolean> => {
      try {
        await recent.client.call(payAndBreak, 'broken', undefined);
        sent += 1;
        return false;
      } catch (error) {
        return (error as RpcError).code === 'ENTITY_STOPPED';
      }
    };
    await until(isStopped);
    Bank.isOpen = true;
    const expected = Array.from({ length: sent }, () => 1);
    await expectCredits('broken', expected);
    const owner = cluster.hosts.at(-1) as Host;
    await cluster.addHost(v2, classes);
    await cluster.cutOff(owner);
    // Its successor has it by now.
    await until(isStopped);
    expect(await credits('broken')).toEqual(expected);
  }, 60_000);

  async function refused(): Promise<string[]> {
    const { values } = await metrics.refusedCalls.get();
    return values.map(({ labels }) => `${labels.handler} ${labels.code}`).sort();
  }

  async function alarmStands(id: string): Promise<boolean> {
    const { streams } = await jetstreamManager(cluster.operator);
    const last_by_subj = `entity.local.${purse.keyOf(id)}.alarm.purse.${id}`;
    return (await streams.getMessage(entityStreamName('local'), { last_by_subj })) !== null;
  }
});

async function valueOf(counter: typeof metrics.divergences): Promise<number> {
  return (await counter.get()).values.reduce((sum, { value }) => sum + value, 0);
}
