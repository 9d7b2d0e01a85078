import { IsString } from 'class-validator';
import { Entity, Handles } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { EntityOf } from '../src/live/entity-of.js';

export class DiaryDto {
  @IsString() diaryId: string;
}

export const diary = entity({ serverType: 'local', name: 'diary', partitions: 2 });
const choice = { payload: DiaryDto, result: Number, id: 'diaryId' } as const;
export const write = diary.clientHandler('write', choice);
export const browse = diary.clientHandler('browse', { ...choice, input: 'query' });
export const scribble = diary.clientHandler('scribble', { ...choice, input: 'volatile' });
/** For a diary of the player's own, which no diary ever is. */
export const writeOwn = diary.clientHandler('write_own', { result: Number });

/** One for each player, made when that player first comes: its state says who that is. */
@Entity(diary, { createOnCall: true, checkpointMs: 100 })
export class Diary extends EntityOf<{ owner: string; pages: number }> {
  create(): { owner: string; pages: number } {
    return { owner: this.id, pages: 0 };
  }

  override admits(playerId: string): boolean {
    return playerId === this.state.owner;
  }

  @Handles(write)
  write(): number {
    return (this.state.pages += 1);
  }

  @Handles(writeOwn)
  writeOwn(): number {
    return this.write();
  }

  @Handles(scribble)
  scribble(): number {
    return this.write();
  }

  @Handles(browse)
  browse(): number {
    return this.state.pages;
  }
}
