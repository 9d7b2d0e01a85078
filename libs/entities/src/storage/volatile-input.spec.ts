import { isDeepStrictEqual } from 'node:util';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Entity, Handles } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';
import { metrics } from '../metrics.js';

const board = entity({ serverType: 'play', name: 'board', partitions: 1 });
const write = board.serverHandler('write', { payload: String });
const fill = board.serverHandler('fill', { payload: Number, input: 'volatile' });
const read = board.serverHandler('read', { result: String, input: 'query' });

@Entity(board, { createOnCall: true, maxStateBytes: 1_000, checkpointMs: 300 })
class Board extends EntityOf<{ text: string }> {
  create(): { text: string } {
    return { text: '' };
  }

  @Handles(write)
  write(text: string): void {
    this.state.text += text;
  }

  @Handles(fill)
  fill(characters: number): void {
    this.state.text = 'x'.repeat(characters);
  }

  @Handles(read)
  read(): string {
    return this.state.text;
  }
}

const written = (text: string) => callOf('board', 'b', 'write', text);
const filled = (characters: number) => callOf('board', 'b', 'fill', characters, { input: 'volatile' });
const query = callOf('board', 'b', 'read', undefined, { input: 'query' });

describe('a volatile input', () => {
  let owners: PartitionOwners;

  beforeAll(async () => (owners = await PartitionOwners.start()));
  afterAll(() => owners.stop());

  it('that makes a state too large is taken back, and the partition goes on', async () => {
    const owner = await owners.own({ classes: [Board], key: 'p0' });
    await owner.receive(written('hello'));
    await owner.receive(filled(1_200_000));
    await untilHolds(async () => (await owner.receive(query)) === 'hello');
    expect(owner.fenced.state).toBe('owner');
  });

  it('had its part in a state still, when another input was taken back since', async () => {
    const owner = await owners.own({ classes: [Board], key: 'p1' });
    await owner.receive(written('hello'));
    await owner.receive(filled(3));
    await owner.receive(written('!'));
    await expect(owner.receive(written('x'.repeat(2_000)))).rejects.toMatchObject({
      code: 'STATE_TOO_LARGE',
    });
    await owner.receive(written('?'));
    owner.close();
    const next = await owners.own({ classes: [Board], key: 'p1' });
    expect(await next.receive(query)).toMatch(/^(hello|xxx)!\?$/);
    const { values } = await metrics.divergences.get();
    expect(values.filter(({ labels }) => labels.entity === 'board')).toEqual([]);
  });

  it('is kept where its state was stored, though another input is taken back since', async () => {
    const owner = await owners.own({ classes: [Board], key: 'p2' });
    await owner.receive(written('hello'));
    await owner.receive(filled(3));
    const storedText = async (): Promise<unknown> =>
      (await owners.checkpointOf('p2', 'board.b', false))?.state;
    await untilHolds(async () => isDeepStrictEqual(await storedText(), { text: 'xxx' }));
    await expect(owner.receive(written('x'.repeat(2_000)))).rejects.toMatchObject({
      code: 'STATE_TOO_LARGE',
    });
    expect(await owner.receive(query)).toBe('xxx');
  });
});
