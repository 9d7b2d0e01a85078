import { Injectable } from '@nestjs/common';
import type { Board } from '../boards/board.js';
import { fromUnits } from '../boards/score-units.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { SettledPlayer, SettledRecord } from '../store/records.js';
import { settledStream, settledSubject } from '../store/streams.js';
import { untilRead } from '@ccgame/jetstream';
import type { BoardEntry } from '@ccgame/protocol';
import { bucketOfPlayer, headPart, pagePart, playersPart } from './archive-parts.js';

/** Parts that are kept, and for how long, ms: they don't change, and to parse one takes as long as all else of a question. */
const mostKnown = 32;
const knownForMs = 60_000;

/** Settled periods, a page a read: what a question costs doesn't grow with the players. */
@Injectable()
export class Archive {
  /** The one that was read last comes last. */
  private readonly known = new Map<string, { value: unknown; readAt: number }>();

  constructor(private readonly store: LeaderboardStore) {}

  /** Undefined: the period isn't settled, or was too long ago. @throws NotRead */
  async head(board: Board, period: string): Promise<SettledRecord | undefined> {
    return this.part<SettledRecord>(board, period, headPart);
  }

  /** At most so many entries from a position on, which begins at 0. @throws NotRead */
  async entries(
    board: Board,
    period: string,
    head: SettledRecord,
    position: number,
    count: number,
  ): Promise<BoardEntry[]> {
    const end = Math.min(position + count, head.players);
    if (position >= end) return [];
    const first = Math.floor(position / head.pageSize);
    const last = Math.floor((end - 1) / head.pageSize);
    const parts = Array.from({ length: last - first + 1 }, (_, index) => pagePart(first + index));
    const pages = await Promise.all(
      parts.map((part) => this.knownPart<SettledPlayer[]>(board, period, part)),
    );
    const start = position - first * head.pageSize;
    const players = pages.flat();
    return players.slice(start, start + end - position).map((player) => entryOf(player, head));
  }

  /** A player's entry with the place of it in the list, from 0. @throws NotRead */
  async player(
    board: Board,
    period: string,
    head: SettledRecord,
    playerId: string,
  ): Promise<{ entry: BoardEntry; position: number } | undefined> {
    const part = playersPart(bucketOfPlayer(playerId, head.buckets));
    const players = await this.knownPart<[...SettledPlayer, position: number][]>(board, period, part);
    const found = players.find(([, id]) => id === playerId);
    if (!found) return undefined;
    const [rank, id, units, position] = found;
    return { entry: entryOf([rank, id, units], head), position };
  }

  /** One that the head tells of is there: a replica of NATS that answers without it doesn't have it yet. @throws NotRead */
  private async knownPart<T>(board: Board, period: string, part: string): Promise<T> {
    const key = settledSubject(board.name, period, part);
    const known = this.known.get(key);
    if (known && performance.now() - known.readAt < knownForMs) return known.value as T;
    const value = await untilRead(() => this.part<T>(board, period, part));
    this.known.delete(key);
    this.known.set(key, { value, readAt: performance.now() });
    if (this.known.size > mostKnown) this.known.delete([...this.known.keys()][0]);
    return value;
  }

  private async part<T>(board: Board, period: string, part: string): Promise<T | undefined> {
    return (await this.store.read<T>(settledStream.name, settledSubject(board.name, period, part))).record;
  }
}

function entryOf([rank, playerId, units]: SettledPlayer, { decimals }: SettledRecord): BoardEntry {
  return { rank, playerId, score: fromUnits(units, decimals) };
}
