import { IsInt, IsOptional, IsString } from 'class-validator';
import { Alarm, Entity, Handles, Room } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { EntityOf, RoomOf } from '../src/live/entity-of.js';

export class PutDto {
  @IsOptional() @IsString() boardId?: string;
  @IsInt() by: number;
}

export class BoardView {
  /** The version of the code that answered. */
  @IsInt() code: number;
  @IsInt() tick: number;
  @IsInt() sum: number;
  @IsInt() inputs: number;
}

/** The server type of the test's own process. */
const serverType = 'local';
export const board = entity({ serverType, name: 'board', partitions: 2 });
export const put = board.clientHandler('put', {
  payload: PutDto,
  result: BoardView,
  id: 'boardId',
  idOptional: true,
});
export const lookAt = board.serverHandler('look_at', { result: BoardView, input: 'query' });
export const duel = entity({ serverType, name: 'duel', partitions: 2 });
export const hit = duel.serverHandler('hit', { result: Number });
export const note = entity({ serverType, name: 'note', partitions: 2 });
export const count = note.serverHandler('count', { result: Number });
export const countLater = note.serverHandler('count_later', { payload: Number });
export const readCount = note.serverHandler('read_count', { result: Number, input: 'query' });
export const visitor = entity({ serverType, name: 'visitor', partitions: 2 });
export const enter = visitor.serverHandler('enter', { result: Number });
export const goHome = visitor.serverHandler('go_home', { result: Number });

/** How the first version keeps it. */
interface OldState {
  sum: number;
  inputs: number;
}

/** How the second one does. */
interface NewState {
  total: { sum: number; inputs: number };
}

@Room(board, { tickHz: 20, onRelease: 'move', checkpointMs: 300 })
export class OldBoard extends RoomOf<OldState> {
  create(): OldState {
    return { sum: 0, inputs: 0 };
  }

  @Handles(put)
  put({ by }: PutDto): BoardView {
    this.state.sum += by;
    this.state.inputs += 1;
    return this.lookAt();
  }

  @Handles(lookAt)
  lookAt(): BoardView {
    return { code: 1, tick: this.ticks, ...this.state };
  }

  tick(): void {
    // It only counts.
  }
}

@Room(board, { tickHz: 20, onRelease: 'move', checkpointMs: 300, stateVersion: 2 })
export class NewBoard extends RoomOf<NewState> {
  create(): NewState {
    return { total: { sum: 0, inputs: 0 } };
  }

  override upgrade(old: OldState): NewState {
    // An error that nobody thought of.
    if (this.id.startsWith('odd')) throw new Error('an odd board');
    return { total: { sum: old.sum, inputs: old.inputs } };
  }

  override downgrade({ total }: NewState): OldState {
    return { ...total };
  }

  @Handles(put)
  put({ by }: PutDto): BoardView {
    this.state.total.sum += by;
    this.state.total.inputs += 1;
    return this.lookAt();
  }

  @Handles(lookAt)
  lookAt(): BoardView {
    return { code: 2, tick: this.ticks, ...this.state.total };
  }

  tick(): void {
    // It only counts.
  }
}

/** A version that can't go on with what the others left, nor give anything back. */
@Room(board, { tickHz: 20, onRelease: 'move', stateVersion: 3 })
export class StrictBoard extends OldBoard {}

/** A room that stays where it began, until it has been hit three times. */
@Room(duel, { tickHz: 20 })
export class Duel extends RoomOf<{ hits: number }> {
  create(): { hits: number } {
    return { hits: 0 };
  }

  @Handles(hit)
  hit(): number {
    this.state.hits += 1;
    if (this.state.hits === 3) this.end();
    return this.state.hits;
  }

  tick(): void {
    // It only counts.
  }
}

/** No room: it sleeps when nobody calls. */
@Entity(note, { createOnCall: true, idleMs: 200, checkpointMs: 100 })
export class Note extends EntityOf<{ count: number }> {
  create(): { count: number } {
    return { count: 0 };
  }

  @Alarm()
  @Handles(count)
  count(): number {
    return (this.state.count += 1);
  }

  @Handles(countLater)
  countLater(ms: number): void {
    this.setAlarm('count', ms);
  }

  @Handles(readCount)
  readCount(): number {
    return this.state.count;
  }
}

/** Its states are stored at its end alone. */
@Entity(visitor, { createOnCall: true, checkpointMs: 600_000 })
export class Visitor extends EntityOf<{ visits: number }> {
  create(): { visits: number } {
    return { visits: 0 };
  }

  @Handles(enter)
  enter(): number {
    return (this.state.visits += 1);
  }

  @Handles(goHome)
  goHome(): number {
    this.end();
    return this.state.visits;
  }
}

export const lobby = entity({ serverType, name: 'lobby', partitions: 2 });
export const listEvents = lobby.serverHandler('list_events', { result: [String], input: 'query' });

/** Writes down what it hears of its members. */
@Room(lobby, { tickHz: 20, onRelease: 'move' })
export class Lobby extends RoomOf<{ events: string[] }> {
  create(): { events: string[] } {
    return { events: [] };
  }

  override join(playerId: string): void {
    this.state.events.push(`${playerId} joins`);
  }

  override leave(playerId: string): void {
    this.state.events.push(`${playerId} leaves`);
  }

  override away(playerId: string): void {
    this.state.events.push(`${playerId} away`);
  }

  override back(playerId: string): void {
    this.state.events.push(`${playerId} back`);
    this.push([playerId], 'lobby.state', this.state);
  }

  @Handles(listEvents)
  listEvents(): string[] {
    return this.state.events;
  }

  tick(): void {
    // It only listens.
  }
}
