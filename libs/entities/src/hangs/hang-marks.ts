import { Logger } from '@nestjs/common';
import { type DirectReader, NotRead, parseJson, type StoredMessage } from '@ccgame/jetstream';
import { noteUnreadable } from '@ccgame/nats';
import type { HangNote } from '@ccgame/server';
import { entityStreamName } from '../storage/jetstream/entity-stream.js';
import { hangSubject } from './hang-subject.js';

/** A server hung in a life of an entity. */
export interface Hang extends Pick<HangNote, 'life' | 'what' | 'version'> {
  /** Its subject. */
  mark: string;
  /** It counts so long, by `performance.now()`. */
  until: number;
  /** It is in this server's log and metrics. */
  isTold: boolean;
}

/** The work of an entity on its way to another version. */
type WayOut = 'upgrade' | 'downgrade';
const waysOut: readonly string[] = ['upgrade', 'downgrade'] satisfies WayOut[];

/**
 * The marks that servers left which hung in an entity of this server type (decision 336). They are a fact that a server saw, so they need no
 * fence: the owner of the entity decides by them.
 */
export class HangMarks {
  private readonly log = new Logger('entities');
  private readonly stream: string;
  private hangs = new Map<string, Hang[]>();
  private begunReads = 0;
  /** The read that {@link hangs} are of, by its number. */
  private newestRead = 0;

  constructor(
    private readonly reader: Pick<DirectReader, 'readAll'>,
    /** Marks of another version do not count: its code may not have that loop. */
    private readonly server: { serverType: string; version: string },
    /** Epoch ms on the clock of NATS. */
    private readonly now: () => number,
  ) {
    this.stream = entityStreamName(server.serverType);
  }

  /** To be awaited before an owner goes on with what another one left. One that can't read goes on without. */
  async read(): Promise<void> {
    const found = new Map<string, Hang[]>();
    const number = (this.begunReads += 1);
    try {
      await this.reader.readAll(this.stream, hangSubject(this.server.serverType, '>'), (message) => {
        const { key, hang } = this.readMark(message);
        if (hang) found.set(key, [hang, ...(found.get(key) ?? [])]);
      });
      this.takeFound(found, number);
    } catch (error) {
      // Entities in PostgreSQL may have no stream.
      if (error instanceof NotRead && error.kind === 'gone') return;
      this.log.warn({ event: 'entity.hang-marks-not-read', err: error });
    }
  }

  /** Partitions read at once: a mark that came meanwhile is in the read alone that began after it. */
  private takeFound(found: Map<string, Hang[]>, number: number): void {
    if (number < this.newestRead) return;
    this.newestRead = number;
    const told = [...this.hangs.values()].flat().filter(({ isTold }) => isTold);
    const marks = new Set(told.map(({ mark }) => mark));
    for (const hang of [...found.values()].flat()) hang.isTold = marks.has(hang.mark);
    this.hangs = found;
  }

  /** Those of a life of an entity, the newest first: on its way to another version, where that is asked for, and else the others. */
  hangsOf(key: string, life: string, way?: WayOut): Hang[] {
    const isMeant = ({ what }: Hang): boolean => (way ? what === way : !waysOut.includes(what));
    const { version } = this.server;
    return (this.hangs.get(key) ?? [])
      .filter((one) => one.life === life && one.version === version && isMeant(one))
      .filter(({ until }) => performance.now() < until);
  }

  /** `entity.dice.hung.<name>.<id>.<mark>`; an empty one was taken back. */
  private readMark(message: StoredMessage): { key: string; hang?: Hang } {
    const { subject: mark } = message;
    const key = mark.split('.').slice(3, -1).join('.');
    if (message.data.length === 0) return { key };
    const note = noteIn(message);
    if (!note) return { key };
    const leftMs = note.forSeconds * 1_000 - (this.now() - message.storedAt);
    return { key, hang: { ...note, mark, until: performance.now() + leftMs, isTold: false } };
  }
}

/** Undefined for what is none: it takes no other mark with it. */
function noteIn(message: StoredMessage): HangNote | undefined {
  const note = parseJson<HangNote>(message.text());
  if (typeof note?.forSeconds === 'number') return note;
  noteUnreadable('hang-mark', message.subject, message.seq);
  return undefined;
}
