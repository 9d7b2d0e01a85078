import { IsOptional, IsString } from 'class-validator';
import { Handles, Room } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { RoomOf } from '../src/live/entity-of.js';

class ShoutDto {
  @IsOptional() @IsString() oddId?: string;
}

export const odd = entity({ serverType: 'local', name: 'odd', partitions: 2 });
export const shout = odd.clientHandler('shout', {
  payload: ShoutDto,
  result: String,
  id: 'oddId',
  idOptional: true,
});
export const nameHost = odd.serverHandler('host', { result: String, input: 'query' });
export const raiseLeft = odd.serverHandler('raise_left', { result: Number });
export const raiseRight = odd.serverHandler('raise_right', { result: Number });

/** A room as a studio writes one that nobody thought of. */
@Room(odd, { tickHz: 20 })
export class Odd extends RoomOf<{ raised: number; text: string }, { bytes?: number; ends?: boolean }> {
  create({ bytes = 0, ends }: { bytes?: number; ends?: boolean } = {}): { raised: number; text: string } {
    if (ends) this.end();
    return { raised: 0, text: 'x'.repeat(bytes) };
  }

  /** The room is over as soon as somebody is there. */
  override join(): void {
    if (this.id === 'over') this.end();
  }

  @Handles(shout)
  shout(): string {
    return this.id;
  }

  @Handles(nameHost)
  host(): string {
    return this.members[0] ?? 'nobody';
  }

  @Handles(raiseLeft)
  @Handles(raiseRight)
  raise(): number {
    return (this.state.raised += 1);
  }

  tick(): void {
    // It only waits.
  }
}
