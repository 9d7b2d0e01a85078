import { RpcError } from '@ccgame/rpc';
import { Entity, markOf } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf } from '../live/entity-of.js';
import type { Flusher } from '../storage/flusher.js';
import { EntityMemory } from './entity-memory.js';
import { HeldEntity } from './held-entity.js';

const note = entity({ serverType: 'play', name: 'note' });

@Entity(note)
class Note extends EntityOf {
  create(): object {
    return {};
  }
}

const kind = { mark: markOf(Note), construct: () => Promise.resolve(new Note()) };
const makeNote = (seq: number): HeldEntity =>
  new HeldEntity('note.n', 'n', kind, new Note(), '1.0.0000', { seq }, () => undefined);
const bear = (held: HeldEntity): void =>
  void held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });

describe('an entity that another version offers', () => {
  let held: Map<string, HeldEntity>;
  let memory: EntityMemory;
  let offered: HeldEntity;
  let events: string[];

  beforeEach(() => {
    [held, events] = [new Map(), []];
    offered = makeNote(9);
    bear(offered);
    const storeLastState = (): Promise<boolean> => {
      events.push('stored');
      return Promise.resolve(true);
    };
    const loadEntity = (_key: string, { seq }: { seq: number }): Promise<HeldEntity> => {
      events.push(`loaded ${seq}`);
      return Promise.resolve(offered);
    };
    memory = new EntityMemory(held, {
      flusher: { storeLastState } as unknown as Flusher,
      tickers: { stop: () => undefined } as never,
      loader: { loadEntity } as never,
      fences: { renewFence: () => Promise.resolve() } as never,
      now: () => 0,
      onLoaded: () => undefined,
      onForgotten: () => undefined,
    });
  });

  it('is loaded where one of its id is in memory that is not born', async () => {
    memory.hold(makeNote(3));
    await memory.take('note.n', { seq: 9 });
    expect([memory.peek('note.n') === offered, events]).toEqual([true, ['loaded 9']]);
  });

  it('is loaded when the end of the one before it is stored', async () => {
    const ended = memory.hold(makeNote(3));
    bear(ended);
    ended.live.hasEnded = true;
    ended.markDirty();
    await memory.take('note.n', { seq: 9 });
    expect([memory.peek('note.n') === offered, events]).toEqual([true, ['stored', 'loaded 9']]);
  });

  it('is not loaded again where it lives here by now', async () => {
    memory.hold(offered);
    await memory.take('note.n', { seq: 9 });
    expect(events).toEqual([]);
  });
});

describe('an entity that nobody has, as far as the storage was read', () => {
  /** @param answers of the storage, one after the other: where it lives, or that it is not there */
  async function findNote(answers: (RpcError | 'not there')[]): Promise<unknown> {
    const read: string[] = [];
    const memory = new EntityMemory(new Map(), {
      flusher: {} as never,
      tickers: { stop: () => undefined } as never,
      loader: {
        loadEntity: () => {
          read.push('read');
          const answer = answers.shift();
          return answer instanceof RpcError ? Promise.reject(answer) : Promise.resolve(makeNote(0));
        },
      } as never,
      fences: { renewFence: () => Promise.resolve(void read.push('new fence')) } as never,
      now: () => 0,
      onLoaded: () => undefined,
      onForgotten: () => undefined,
    });
    const found = await memory
      .find('note.n', { asked: 'by-server' })
      .catch(({ code, details }: RpcError) => ({ code, details }));
    return { found: found instanceof HeldEntity ? found.live.isBorn : found, read };
  }
  const read = ['read', 'new fence', 'read'];

  it('is read again behind a new fence: another version may have made it a moment ago', async () => {
    const moved = new RpcError('MOVED', { details: { version: '2.0.0000' } });
    const found = { code: 'MOVED', details: { version: '2.0.0000' } };
    expect(await findNote(['not there', moved])).toEqual({ found, read });
  });

  it('is read twice, and is not there', async () => {
    expect(await findNote(['not there', 'not there'])).toEqual({ found: false, read });
  });
});
