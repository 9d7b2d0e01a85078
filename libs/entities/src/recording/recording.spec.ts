import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grid, move } from '../../../../proof/entities/contracts.js';
import { GridRoom } from '../../../../proof/entities/grid-room.js';
import { type EntityClass, markOf, Room } from '../contract/decorators.js';
import { HeldEntity } from '../memory/held-entity.js';
import type { StoredInput } from '../live/records.js';
import { readRecording } from './read-recording.js';
import type { Recording } from './recording.js';
import { Recordings } from './recordings.js';
import { replayRecording } from './replay-recording.js';

/** Rolls once more in tick 30. */
@Room(grid, { tickHz: 20 })
class OtherDice extends GridRoom {
  override tick(dt: number, tick: number): void {
    if (tick === 30) this.random();
    super.tick(dt, tick);
  }
}

/** Counts a move twice. */
@Room(grid, { tickHz: 20 })
class OtherMoves extends GridRoom {
  override move(...given: Parameters<GridRoom['move']>): ReturnType<GridRoom['move']> {
    this.state.moves += 1;
    return super.move(...given);
  }
}

/** Its state has another shape, and goes back to the one before. */
@Room(grid, { tickHz: 20, stateVersion: 2 })
class NewShape extends GridRoom {
  override upgrade(old: unknown): GridRoom['state'] {
    return { ...(old as GridRoom['state']), extra: 1 } as never;
  }

  override downgrade(state: GridRoom['state']): unknown {
    const { extra: _extra, ...older } = state as GridRoom['state'] & { extra: number };
    return older;
  }
}

function holdRoom(roomClass: EntityClass): HeldEntity {
  const mark = markOf(roomClass);
  const kind = { mark, construct: () => Promise.resolve(new roomClass()) };
  return new HeldEntity('grid.a', 'a', kind, new roomClass(), '1.0.0000', { seq: 0 }, () => undefined);
}

const moving = (n: number, k: number): StoredInput => ({
  n,
  h: 'move',
  d: { to: 'up' },
  at: 5,
  k,
  p: 'ann',
});

describe('a recorded room', () => {
  let folder: string;
  let recordings: Recordings;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-recordings-'));
    recordings = new Recordings(join(folder, 'made'), 'play-0');
  });
  afterEach(async () => {
    await recordings.close();
    rmSync(folder, { recursive: true });
  });

  /** 60 ticks, a member, a move before tick 11 and one before tick 41. */
  function playRoom(held: HeldEntity): void {
    const { live } = held;
    live.apply({ n: 1, h: '', b: 'create', at: 5, seed: 7, birth: 'x' });
    live.apply({ n: 2, h: '', b: 'join', d: 'ann', at: 5, k: 0 });
    for (let tick = 1; tick <= 60; tick += 1) {
      live.runTick();
      if (tick === 10) live.apply(moving(3, tick));
      if (tick === 40) live.apply(moving(4, tick));
    }
  }

  const filesMade = (): string[] =>
    readdirSync(join(folder, 'made')).map((name) => join(folder, 'made', name));

  async function record(): Promise<Recording> {
    const held = holdRoom(GridRoom);
    recordings.beginRecording(held);
    playRoom(held);
    await recordings.endRecording(held);
    return readRecording(readFileSync(filesMade()[0]));
  }

  it('comes to the very same with the code that was recorded, also from its middle on', async () => {
    const held = holdRoom(GridRoom);
    recordings.beginRecording(held);
    playRoom(held);
    await recordings.endRecording(held);
    recordings.beginRecording(held);
    held.live.applyUnstored('move', { to: 'left' }, { playerId: 'ann' }, false);
    for (let tick = 0; tick < 5; tick += 1) held.live.runTick();
    await recordings.endRecording(held);
    const [whole, rest] = filesMade()
      .map((file) => readRecording(readFileSync(file)))
      .sort((one, other) => one.head.checkpoint.tick - other.head.checkpoint.tick);
    expect(replayRecording([GridRoom], whole)).toEqual({ ticks: 60, inputs: 4 });
    expect(replayRecording([GridRoom], rest)).toEqual({ ticks: 5, inputs: 1 });
    expect(rest.head).toMatchObject({ entity: 'grid', id: 'a', version: '1.0.0000', serverId: 'play-0' });
  });

  it('tells the first tick in which other code comes to something else, and how', async () => {
    const { difference, ticks } = replayRecording([OtherDice], await record());
    expect(ticks).toBe(30);
    expect(difference).toMatchObject({ tick: 30 });
    expect(difference?.changes.length).toBeGreaterThan(0);
    expect(difference?.changes[0]).toMatch(/^random: -?\d+ instead of -?\d+$/);
  });

  it('tells the first answer that is another one, and to whose input', async () => {
    const { difference } = replayRecording([OtherMoves], await record());
    expect(difference).toEqual({
      tick: 10,
      what: `the answer to ${move.handler} of ann`,
      changes: ['data.moves: 2 instead of 1'],
    });
  });

  it('is upgraded for code of another state, and compared by its downgrade', async () => {
    expect(replayRecording([NewShape], await record())).toEqual({ ticks: 60, inputs: 4 });
  });

  it('is read as far as it was written, when its server was killed meanwhile', async () => {
    await record();
    const [file] = filesMade();
    const whole = readFileSync(file);
    const cut = readRecording(whole.subarray(0, whole.length - 30));
    expect(cut.steps.length).toBeLessThan(64);
    expect(replayRecording([GridRoom], cut).difference).toBeUndefined();
    appendFileSync(file, whole.subarray(0, 12));
    expect(readRecording(readFileSync(file)).steps).toHaveLength(64);
    expect(() => readRecording(Buffer.from('{}'))).toThrow('This is no recording of a room.');
  });
});
