import { Injectable, Logger } from '@nestjs/common';
import { nuid } from '@nats-io/nats-core';
import {
  type CallOptions,
  checkName,
  type Gathered,
  type HandlerContract,
  invalid,
  rpcContext,
  RpcService,
} from '@ccgame/rpc';
import { type EntityContract, entityInfoOf } from '../contract/entity-contract.js';
import { mostOfCaller } from '../live/answers.js';
import { leaveInput, type LeaveReason, leaveReasons } from '../live/leave-reason.js';
import { plainData } from '../live/plain-data.js';
import type { SeatRequest } from '../live/members.js';
import { pageOf } from '../host/find-rooms.js';
import { type FindRoomsDto, findRoomsHandler, type FoundRooms } from '../host/find-rooms.contract.js';
import { attributesAround, callAttributes } from './call-attributes.js';
import { CallWindow } from './call-window.js';

const mostReservedMs = 3_600_000;
/** Players of one call. */
const mostReserved = 1_000;
/** As long as a call lasts where nobody says more, it may wait for its turn, ms. */
const usualMs = 5_000;

/** The options of one call to an entity. */
export interface EntityCallOptions extends Pick<CallOptions, 'timeoutMs'> {
  /** Where it is looked for first, and where it is created. Default: the caller's version. */
  version?: string;
}

/** The options of a player's leaving a room. */
export interface LeaveOptions extends EntityCallOptions {
  /** The room's `leave` gets it. Default `left`. */
  why?: LeaveReason;
}

/** See `FindRoomsDto`. */
export interface FindOptions extends Partial<Omit<FindRoomsDto, 'name'>> {
  /** How long a server that doesn't answer is waited for, ms. Default 500. */
  timeoutMs?: number;
}

/**
 * Calls entities by id, wherever they are. A call waits while its entity moves or its server is replaced, and is sent again when
 * its answer was lost; a stored input is applied once all the same.
 */
@Injectable()
export class EntityClient {
  private readonly log = new Logger('entities');
  private readonly caller = nuid.next();
  private readonly windows = new Map<string, CallWindow>();

  constructor(private readonly rpc: RpcService) {}

  /**
   * @throws RpcError what the handler throws; NO_ENTITY; STATE_TOO_LARGE; BUSY, also where too many calls of this server wait for the
   * entity's answers; TIMEOUT, NO_SERVER or GONE where no owner answered in time: it may have been done then
   */
  async call<P, R>(
    contract: HandlerContract<P, R>,
    id: string,
    payload: NoInfer<P>,
    { timeoutMs, version }: EntityCallOptions = {},
  ): Promise<R> {
    const info = entityInfoOf(contract);
    if (!info) throw new Error(`${contract.handler} is no handler of an entity`);
    const key = info.entity.keyOf(id);
    const object = info.entity.objectOf(id);
    const window = this.windowOf(object);
    const since = performance.now();
    const number = await window.begin(Math.min(timeoutMs ?? usualMs, rpcContext.timeLeftMs()));
    try {
      const { attributes, ...context } = rpcContext.get();
      const call = { caller: this.caller, number, acked: window.acked };
      const own = { attributes: attributesAround(attributes), ownAttributes: callAttributes(id, call) };
      const given = { ...context, ...own };
      return await rpcContext.run(given, () =>
        this.rpc.callOwner({ handler: contract, key, version } as never, payload as never, {
          timeoutMs: timeoutMs === undefined ? undefined : timeoutMs - (performance.now() - since),
          // Where another one of that id was says nothing about a new one.
          object: info.builtIn === 'create' ? undefined : object,
          knowsRepeats: info.input !== 'volatile',
        }),
      );
    } finally {
      window.end(number);
    }
  }

  /** Makes an entity; its class's `create` gets `init`. @throws RpcError ENTITY_EXISTS, and as {@link call} */
  async create(
    entity: EntityContract,
    id: string,
    init?: unknown,
    options?: EntityCallOptions,
  ): Promise<void> {
    await this.call(entity.create, id, JSON.stringify(plainData(init)), options);
  }

  /** Makes a player a member of a room; nothing changes for one who is. @throws RpcError what the room's `join` throws */
  async join(room: EntityContract, id: string, playerId: string, options?: EntityCallOptions): Promise<void> {
    await this.call(room.join, id, checkName('playerId', playerId), options);
  }

  /**
   * Keeps seats of a room for players who are to join, for so many ms: all of them, or none. Others find the room full meanwhile, and each of
   * these joins as ever. A second call sets a new time, and 0 ms gives the seats back. Seats that were kept run out by the room's time.
   *
   * @param playerIds up to 1,000 @param forMs up to an hour @throws RpcError ROOM_FULL; INVALID
   */
  async reserveSeats(
    room: EntityContract,
    id: string,
    playerIds: readonly string[],
    forMs: number,
    options?: EntityCallOptions,
  ): Promise<void> {
    if (!(forMs >= 0 && forMs <= mostReservedMs))
      throw invalid([{ field: 'forMs', rule: `expected a number of ms from 0 to ${mostReservedMs}` }]);
    if (playerIds.length > mostReserved)
      throw invalid([{ field: 'playerIds', rule: `expected at most ${mostReserved} players` }]);
    const players = playerIds.map((playerId) => checkName('playerId', playerId));
    await this.call(room.reserve, id, JSON.stringify({ players, forMs } satisfies SeatRequest), options);
  }

  /** Ends a player's membership; nothing changes for one who is no member. @throws RpcError INVALID */
  async leave(
    room: EntityContract,
    id: string,
    playerId: string,
    { why = 'left', ...options }: LeaveOptions = {},
  ): Promise<void> {
    if (!leaveReasons.includes(why))
      throw invalid([{ field: 'why', rule: `expected one of ${leaveReasons.join(', ')}` }]);
    await this.call(room.leave, id, leaveInput({ playerId: checkName('playerId', playerId), why }), options);
  }

  /**
   * The rooms of a kind that have labels and fit, in all versions, a page by their ids. It answers as soon as every server has;
   * what a server that is slower than `timeoutMs` has is missing, and so is what those have that answer with an error: `failed` counts them.
   *
   * @param options up to 100 rooms a page, 20 if nothing is said; `after` is the `next` of the page before
   */
  async find(
    room: EntityContract,
    { limit = 20, timeoutMs = 500, ...wanted }: FindOptions = {},
  ): Promise<FoundRooms> {
    const { name, serverType } = room;
    const target = { handler: findRoomsHandler(serverType), all: true } as const;
    const options = { timeoutMs, isComplete: haveAllAnswered };
    const told = await this.rpc.gatherRPC(target, { name, limit, ...wanted }, options);
    const failures = told.flatMap((one) => ('error' in one ? [one] : []));
    // As of older servers, whose labels have no bound.
    if (limit > 1 && failures.some(({ error }) => error.code === 'TOO_LARGE'))
      return this.find(room, { ...wanted, timeoutMs, limit: Math.ceil(limit / 4) });
    for (const { serverId, error } of failures)
      this.log.warn({ event: 'rooms.not-found', entity: name, from: serverId, code: error.code });
    const failed = failures.length || undefined;
    const answers = told.flatMap((one) => ('data' in one && one.data ? [one.data] : []));
    const page = pageOf(
      answers.flatMap(({ rooms }) => rooms),
      limit,
    );
    const hasMore = answers.some(({ next }) => next !== undefined);
    return { ...page, ...(hasMore && { next: page.rooms.at(-1)?.id }), ...(failed && { failed }) };
  }

  private windowOf(key: string): CallWindow {
    let window = this.windows.get(key);
    if (!window) {
      window = new CallWindow(mostOfCaller / 2, () => this.windows.delete(key));
      this.windows.set(key, window);
    }
    return window;
  }
}

/** Each tells how many there are. One that has just come, or gone, isn't known to all of them. */
function haveAllAnswered(answers: readonly Gathered<unknown>[]): boolean {
  const told = answers.map((one) => ('data' in one ? ((one.data as FoundRooms).servers ?? 0) : 0));
  return answers.length >= Math.max(1, ...told) && told.some((servers) => servers > 0);
}
