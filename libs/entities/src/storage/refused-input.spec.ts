import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Entity, Handles } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';
import type { EntityPartition } from '../partition/entity-partition.js';

const chat = entity({ serverType: 'play', name: 'chat', partitions: 1 });
const say = chat.serverHandler('say', { payload: String });
const read = chat.serverHandler('read', { result: Number, input: 'query' });

@Entity(chat, { createOnCall: true, maxStateBytes: 1_000 })
class Chat extends EntityOf<{ text: string }> {
  create(): { text: string } {
    return { text: '' };
  }

  @Handles(say)
  say(text: string): void {
    this.state.text += text;
  }

  @Handles(read)
  read(): number {
    return this.state.text.length;
  }
}

const die = entity({ serverType: 'play', name: 'die', partitions: 1 });
const roll = die.serverHandler('roll', { result: String });
const spoil = die.serverHandler('spoil');

@Entity(die, { createOnCall: true, maxStateBytes: 1_000, checkpointMs: 600_000 })
class Die extends EntityOf<{ rolls: number[]; junk: string }> {
  create(): { rolls: number[]; junk: string } {
    return { rolls: [], junk: '' };
  }

  @Handles(roll)
  roll(): string {
    this.state.rolls.push(Math.floor(this.random() * 1_000));
    this.push(['ann'], 'die.rolled', this.state.rolls, { volatile: true });
    return this.state.rolls.join();
  }

  @Handles(spoil)
  spoil(): void {
    this.state.junk = 'x'.repeat(5_000);
  }
}

const tally = entity({ serverType: 'play', name: 'tally', partitions: 1 });
const note = tally.serverHandler('note', { payload: String, result: Number });

@Entity(tally, { createOnCall: true, maxStateBytes: 1_000, checkpointMs: 600_000 })
class Tally extends EntityOf<{ notes: string[] }> {
  static runs = 0;

  create(): { notes: string[] } {
    return { notes: [] };
  }

  @Handles(note)
  note(text: string): number {
    Tally.runs += 1;
    return this.state.notes.push(text);
  }
}

const hello = (caller: string) => callOf('chat', 'c', 'say', 'hello', { c: { caller, number: 1 } });
const tooLong = (caller: string) =>
  callOf('chat', 'c', 'say', 'x'.repeat(5_000), { c: { caller, number: 1 } });
const query = callOf('chat', 'c', 'read', undefined, { input: 'query' });
const refused = { code: 'STATE_TOO_LARGE' };

describe('an input that would make a state too large', () => {
  let owners: PartitionOwners;
  let owner: EntityPartition;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());

  let partitions = 0;
  beforeEach(async () => (owner = await owners.own({ classes: [Chat], key: `p${partitions++}` })));

  it('is refused, and the queries after it are answered', async () => {
    await owner.receive(hello('ann'));
    await expect(owner.receive(tooLong('bob'))).rejects.toMatchObject(refused);
    expect(await owner.receive(query)).toBe(5);
  });

  it('is refused, and a repeat of a call before it has its answer', async () => {
    await owner.receive(hello('ann'));
    await expect(owner.receive(tooLong('bob'))).rejects.toMatchObject(refused);
    await expect(owner.receive(hello('ann'))).resolves.toBeUndefined();
  });

  it('is nothing that a query tells of, also where that came before the refusal', async () => {
    await owner.receive(hello('ann'));
    const [bob, length] = await Promise.allSettled([owner.receive(tooLong('bob')), owner.receive(query)]);
    expect(bob).toMatchObject({ reason: refused });
    expect(length).toMatchObject({ value: 5 });
  });

  it('is refused to its repeats, also where another call after it was stored', async () => {
    await owner.receive(hello('ann'));
    const calls = [tooLong('bob'), hello('cid'), tooLong('bob')].map((call) => owner.receive(call));
    const [bob, cid, again] = await Promise.allSettled(calls);
    expect(bob).toMatchObject({ reason: refused });
    expect(again).toMatchObject({ reason: refused });
    expect(cid).toMatchObject({ status: 'fulfilled' });
    expect(await owner.receive(query)).toBe(10);
  });

  it('leaves all that the inputs before it made, which were stored without a checkpoint, and pushes nothing of them again', async () => {
    owner = await owners.own({ classes: [Die], key: `p${partitions++}` });
    const rollDie = (): Promise<unknown> => owner.receive(callOf('die', 'd', 'roll'));
    const rolls = [await rollDie(), await rollDie(), await rollDie()].map((one) => String(one).split(','));
    owners.pushes = [];
    await expect(owner.receive(callOf('die', 'd', 'spoil'))).rejects.toMatchObject(refused);
    expect(owners.pushes).toEqual([]);
    const [one, two, three, four] = String(await rollDie()).split(',');
    expect([one, two, three]).toEqual(rolls[2]);
    expect(three).not.toBe(four);
  });

  it('has what was stored before it played again once, however many are refused together', async () => {
    owner = await owners.own({ classes: [Tally], key: `p${partitions++}` });
    const noteText = (text: string): Promise<unknown> => owner.receive(callOf('tally', 't', 'note', text));
    for (let stored = 0; stored < 50; stored += 1) await noteText('a');
    Tally.runs = 0;
    const texts = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 'b' : 'x'.repeat(5_000)));
    const answers = await Promise.allSettled(texts.map(noteText));
    for (const [index, answer] of answers.entries())
      expect(answer).toMatchObject(index % 2 === 0 ? { value: 51 + index / 2 } : { reason: refused });
    // The 40 as they came and once more, the 50, and each that fits after the refusal behind it.
    expect(Tally.runs).toBeLessThanOrEqual(40 + 40 + 50 + 20);
    expect(await noteText('c')).toBe(71);
  });
});
