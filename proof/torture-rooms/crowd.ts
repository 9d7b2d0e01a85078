import { connect } from '@ccgame/client';
import { tokenOf } from '@ccgame/testing';
import type { Game } from '#game/contracts.js';
import { ArenaPlayer } from './arena-player.js';
import { LoopMeter } from './loop-meter.js';
import { RoomRecorder } from './room-recorder.js';
import { closeTables, newestRule, type Table } from './tables.js';
import type { RoomTranscript } from './transcript.js';

/** A room and the players that are to be in it. */
export interface TablePlan {
  roomId: string;
  playerIds: string[];
}

/** The rooms as a crowd saw them, and how well its thread kept up. */
export interface CrowdReport {
  transcripts: RoomTranscript[];
  /** See {@link LoopMeter}. */
  delays: LoopMeter['delays'];
}

const answerWithinMs = 30_000;

/** The players of some rooms: each a client of its own, as in a thread of its own all of them have one loop together. */
export class Crowd {
  private readonly tables: Table[];
  private readonly meter = new LoopMeter();

  /** @param urls where the players' network listens, each player's in turn */
  constructor(plans: readonly TablePlan[], urls: readonly string[]) {
    let turn = 0;
    this.tables = plans.map(({ roomId, playerIds }) => {
      const recorder = new RoomRecorder(roomId, playerIds);
      const players = playerIds.map((id) => {
        const url = urls[turn++ % urls.length];
        const client = connect<Game>({ url, token: () => tokenOf(id), timeoutMs: answerWithinMs });
        return new ArenaPlayer(id, client, roomId, recorder);
      });
      return { roomId, recorder, players };
    });
  }

  /** Until all are online. @throws ClientError */
  async ready(): Promise<void> {
    await Promise.all(this.players().map((player) => player.ready));
  }

  start(): void {
    for (const player of this.players()) player.startSteering();
  }

  /** The rule of the newest state of each room. */
  rules(): (string | undefined)[] {
    return this.tables.map(newestRule);
  }

  /** Players who have seen nothing since, and whose round isn't over. */
  countWaiting(since: number): number {
    const waiting = this.tables.flatMap(({ recorder }) =>
      recorder.transcript.players.filter(
        ({ seen, overAt }) => overAt.length === 0 && (seen.at(-1)?.at ?? 0) < since,
      ),
    );
    return waiting.length;
  }

  /** Waits for the last answers, and for what is pushed after them. */
  async close(): Promise<CrowdReport> {
    const transcripts = await closeTables(this.tables, 0);
    this.meter.stop();
    return { transcripts, delays: this.meter.delays };
  }

  private players(): ArenaPlayer[] {
    return this.tables.flatMap(({ players }) => players);
  }
}
