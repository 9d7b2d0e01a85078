import { Entity, Handles } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { EntityOf } from '../src/live/entity-of.js';

export const letter = entity({ serverType: 'local', name: 'letter', partitions: 2 });
export const writeLetter = letter.serverHandler('write_letter', { payload: String });

/** It sleeps as soon as nobody calls. */
@Entity(letter, { createOnCall: true, idleMs: 100, checkpointMs: 50 })
export class OldLetter extends EntityOf<{ text: string }> {
  create(): { text: string } {
    return { text: '' };
  }

  @Handles(writeLetter)
  write(text: string): void {
    this.state.text = text;
  }
}

/** It can't read a letter that is sealed, nor give one back that is long. */
@Entity(letter, { createOnCall: true, idleMs: 100, checkpointMs: 50, stateVersion: 2 })
export class NewLetter extends EntityOf<{ lines: string[] }> {
  create(): { lines: string[] } {
    return { lines: [] };
  }

  override upgrade({ text }: { text: string }): { lines: string[] } {
    if (text === 'sealed') throw new Error('a sealed letter');
    return { lines: [text] };
  }

  override downgrade({ lines }: { lines: string[] }): { text: string } {
    if (lines[0] === 'long') throw new Error('a long letter');
    return { text: lines.join() };
  }

  @Handles(writeLetter)
  write(text: string): void {
    this.state.lines = [text];
  }
}
