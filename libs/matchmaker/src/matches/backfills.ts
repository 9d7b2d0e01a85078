import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type BackfillOfDto, type BackfillStatus, type RequestBackfillDto } from '../contracts/backfill.js';
import { type BackfillRecord, type MatchRecord } from '../contracts/matches.js';
import { readAgain } from '@ccgame/jetstream';
import { GameErrors } from '@ccgame/protocol';
import { type FieldProblem, invalid } from '@ccgame/rpc';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import type { Mode } from '../pool/rules/mode.js';
import { backfillMessage } from '../store/messages.js';
import { PlayedMatches } from '../store/played-matches.js';
import { type Standing, TicketStore } from '../store/ticket-store.js';
import { readSurely } from '../tickets/read-surely.js';
import { type WriteAttempt, untilStored } from '../tickets/until-stored.js';

const defaultForMs = 120_000;

/** Keeps the requests of running matches. Any server takes one; the partition's owner finds the players. */
@Injectable()
export class Backfills {
  constructor(
    private readonly store: TicketStore,
    private readonly played: PlayedMatches,
    private readonly catalogue: ModeCatalogue,
  ) {}

  /** @throws RpcError NOT_FOUND when there is no such match; INVALID; TIMEOUT */
  requestPlayers(request: RequestBackfillDto): Promise<BackfillStatus> {
    const { matchId } = request;
    const requestId = randomUUID();
    return untilStored(this.store, async (): Promise<WriteAttempt<BackfillStatus>> => {
      const match = await this.findPlayed(matchId);
      const mode = this.catalogue.get(match.mode);
      const problems = problemsOf(request, mode, match);
      if (problems.length > 0) throw invalid(problems);
      const before = await this.store.readBackfill(matchId);
      const now = this.store.clock.now();
      // Its ack was lost, and the places may be taken by now.
      if (before.record?.requestId === requestId) return { done: statusOf(before.record, now) };
      const record = { ...recordOf(request, match, before.record, now), requestId };
      return { write: [backfillMessage(record, before.seq, now)], then: statusOf(record, now) };
    });
  }

  /** @throws RpcError NOT_FOUND when it never asked, or long ago; TIMEOUT */
  cancelRequest({ matchId }: BackfillOfDto): Promise<BackfillStatus> {
    return untilStored(this.store, async (): Promise<WriteAttempt<BackfillStatus>> => {
      const { record: before, seq } = await this.readRequest(matchId, (found) => found?.state !== 'open');
      if (!before) throw GameErrors.NOT_FOUND();
      const now = this.store.clock.now();
      if (before.state !== 'open') return { done: statusOf(before, now) };
      const record: BackfillRecord = { ...before, state: 'cancelled' };
      return { write: [backfillMessage(record, seq, now)], then: statusOf(record, now) };
    });
  }

  /** @throws RpcError NOT_FOUND as {@link cancelRequest}; NotRead while NATS is away */
  async statusOf({ matchId }: BackfillOfDto): Promise<BackfillStatus> {
    const { record } = await this.readRequest(matchId, (found) => found === undefined);
    if (!record) throw GameErrors.NOT_FOUND();
    return statusOf(record, this.store.clock.now());
  }

  /** A request that was made a moment ago is there, though a replica doesn't have it yet. */
  private readRequest(
    matchId: string,
    isReason: (found: BackfillRecord | undefined) => boolean,
  ): Promise<Standing<BackfillRecord>> {
    return readSurely(
      this.store,
      () => this.store.readBackfill(matchId),
      ({ record }) => isReason(record),
    );
  }

  /** Reads again before it says no: a replica of NATS may not have the match yet, and a game server may ask while it is being made. */
  private async findPlayed(matchId: string): Promise<MatchRecord> {
    const found = await readAgain(async () => {
      // A match that is being told is not among those played yet.
      const match = (await this.played.find(matchId)) ?? (await this.store.readMatch(matchId))?.record;
      return match && match.backfillOf === undefined && isPlayed(match) ? match : undefined;
    });
    if (!found) throw GameErrors.NOT_FOUND();
    return found;
  }
}

const isPlayed = ({ state }: MatchRecord): boolean => state === 'formed' || state === 'announced';

function recordOf(
  { matchId, places, skill = 0, lacks, notify, forMs = defaultForMs }: RequestBackfillDto,
  { mode, version, versionGroup, hardKeys = {}, region, allocation }: MatchRecord,
  before: BackfillRecord | undefined,
  now: number,
): BackfillRecord {
  return {
    matchId,
    mode,
    version,
    ...(versionGroup !== undefined && { versionGroup }),
    hardKeys,
    skill,
    // A match that renews its request keeps its place.
    since: before?.state === 'open' ? before.since : now,
    until: now + forMs,
    places,
    ...(lacks && lacks.length > 0 && { lacks }),
    ...(region !== undefined && { region }),
    state: 'open',
    joined: before?.joined ?? [],
    ...(notify && { notify }),
    ...(allocation !== undefined && { allocation }),
  };
}

function problemsOf(
  { places, lacks = [], skill }: RequestBackfillDto,
  mode: Mode,
  { teams }: MatchRecord,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const placesIn = (team: number): number => places.filter((place) => place === team).length;
  const lacksIn = (team: number): number => lacks.filter((lack) => lack.team === team).length;
  const known = Object.keys(mode.roles?.perTeam ?? {});
  if (!mode.backfill) problems.push({ field: 'matchId', rule: `mode ${mode.name} has no backfill` });
  if (places.some((team) => team < 0 || team >= teams.length))
    problems.push({ field: 'places', rule: `expected teams from 0 to ${teams.length - 1}` });
  if (teams.some((_, team) => placesIn(team) > mode.teamSize))
    problems.push({ field: 'places', rule: `more than a team of ${mode.teamSize}` });
  if (lacks.some(({ role }) => !known.includes(role)))
    problems.push({ field: 'lacks', rule: `expected roles of ${known.join(', ') || 'none'}` });
  if (lacks.some(({ team }) => lacksIn(team) > placesIn(team)))
    problems.push({ field: 'lacks', rule: 'more roles than free places of the team' });
  if (mode.skill && skill === undefined)
    problems.push({ field: 'skill', rule: 'the mean of those who play is missing' });
  return problems;
}

function statusOf({ state, until, places, joined }: BackfillRecord, now: number): BackfillStatus {
  const isOpen = state === 'open' && until > now;
  return { state: isOpen ? 'open' : state === 'filled' ? 'filled' : 'over', places, joined };
}
