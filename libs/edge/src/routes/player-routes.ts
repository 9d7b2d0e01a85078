import { Inject, Injectable } from '@nestjs/common';
import { GameErrors, type GatewayMessageDto, renewRoute, type SessionOpened } from '@ccgame/protocol';
import {
  type BoundThing,
  type CallLimit,
  clientTarget,
  type FieldProblem,
  type HandlerContract,
  invalid,
  type Target,
} from '@ccgame/rpc';
import type { SocketSession } from '../gateway/socket-session.js';
import { EDGE_OPTIONS, type EdgeOptions, type KnownServers } from '../edge-options.js';

/** The bounds of a limit: one message in a thousand seconds, and a million in one. */
const slowest = 0.001;
const most = 1_000_000;

/** The handlers that players may call, as the game declared them. */
@Injectable()
export class PlayerRoutes {
  /** The routes that a client may send again after a break, as their contracts say. */
  readonly retryPolicies: SessionOpened['retryPolicies'];
  private readonly contracts: Map<string, HandlerContract>;
  /** Those of the contracts, and the game's own before them. */
  private readonly limits: ReadonlyMap<unknown, CallLimit>;
  private readonly chat: ReadonlySet<unknown>;

  /**
   * @throws RpcError INVALID, which ends the server at its start, for a limit that would be none, or for ever, and for a handler that no
   *   player would reach
   */
  constructor(@Inject(EDGE_OPTIONS) private readonly options: EdgeOptions) {
    this.contracts = new Map(
      options.handlers.map((contract) => [`${contract.serverType}.${contract.handler}`, contract]),
    );
    const limits = limitsOf(this.contracts, options.routeLimits);
    this.limits = limits;
    const problems = [...limits].flatMap(([route, limit]) => problemsOf(route, limit));
    if (this.contracts.has(renewRoute)) problems.push({ field: `handlers.${renewRoute}`, rule: ownRoute });
    if (problems.length > 0) throw invalid(problems);
    this.chat = new Set(options.chat);
    this.retryPolicies = Object.fromEntries(
      [...this.contracts].flatMap(([route, { retryPolicy }]) =>
        retryPolicy === 'never' ? [] : [[route, retryPolicy] as const],
      ),
    );
  }

  /**
   * The server that answers a message; without a key where the player is bound to what it is for, see {@link boundOf}.
   *
   * @throws RpcError UNKNOWN_ROUTE; INVALID where its data names no key
   */
  targetOf(
    message: GatewayMessageDto,
    session: SocketSession,
    servers: KnownServers,
  ): Target<string> | Promise<Target<string>> {
    const { route } = this.options;
    const target = route ? route(message, session, servers) : targetOfRoute(message, session);
    if (!(target instanceof Promise)) return this.withKey(target, message, session);
    const keyed = target.then((one) => this.withKey(one, message, session));
    // It may be looked at only after the player's earlier calls.
    keyed.catch(() => undefined);
    return keyed;
  }

  /** Whether a route leads to the owner of a key, and not to any server of a type. */
  isKeyed(route: string): boolean {
    const contract = this.contracts.get(route);
    return contract?.keyOf !== undefined || contract?.bound !== undefined;
  }

  /** Where a message that names no key is for the player's own room: what kind of room that is. */
  boundOf(route: string): BoundThing | undefined {
    return this.contracts.get(route)?.bound;
  }

  /** The name of the thing that a message is for, where its contract names one. @throws RpcError INVALID */
  objectOf(message: GatewayMessageDto): string | undefined {
    return this.contracts.get(message.route)?.objectOf?.(message.data);
  }

  isDeclared(route: string): boolean {
    return this.contracts.has(route);
  }

  /** Whether a client, or a connector in its place, may send a message of this route again when its answer was lost. */
  isRepeatable(route: string): boolean {
    return this.retryPolicies[route] !== undefined;
  }

  /** Whether a call of a route may be sent again where its key's owner has gone, as the handler knows what it has had. */
  knowsRepeats(route: string): boolean {
    const contract = this.contracts.get(route);
    return contract?.keyed === true && contract.knowsRepeats;
  }

  /** Whether a message of this route, or an event of this name, brings what a player says to others. */
  isChat(name: unknown): boolean {
    return this.chat.has(name);
  }

  /** The name under which a route's calls are counted; players may spell any. */
  labelOf(route: unknown): string {
    return typeof route === 'string' && this.contracts.has(route) ? route : 'other';
  }

  private withKey(
    chosen: Target<string>,
    message: GatewayMessageDto,
    session: SocketSession,
  ): Target<string> {
    const contract = this.contracts.get(message.route);
    // The server that the session is bound to may not own the key.
    const isBound =
      'serverId' in chosen && chosen.serverId === session.boundServer(contract?.serverType ?? '');
    const target = isBound && this.isKeyed(message.route) ? readTarget(message) : chosen;
    if ('serverId' in target || target.key !== undefined) return target;
    const key = contract?.keyOf?.(message.data);
    return key === undefined ? target : { ...target, key };
  }

  /** Whether the handler of an ordered route refuses a call that comes before the one that it is to come after. */
  knowsOrder(route: string): boolean {
    return this.contracts.get(route)?.knowsOrder === true;
  }

  /** Whether a player's calls of a route are done in the order in which they came. */
  isOrdered(route: string): boolean {
    return this.contracts.get(route)?.ordered === true;
  }

  /** The limit that a message counts for. @param data of the message, unchecked */
  limitOf(route: unknown, data?: unknown): CallLimit | undefined {
    const limit = this.limits.get(route);
    return limit?.counts?.(data) === false ? undefined : limit;
  }
}

const ownRoute = 'this route is the protocol’s own: a client gives its newer token by it';

/** A game says how often a handler may be called; which messages count is its contract's. */
function limitsOf(
  contracts: ReadonlyMap<string, HandlerContract>,
  own: EdgeOptions['routeLimits'] = {},
): Map<string, CallLimit> {
  const limits = new Map<string, CallLimit>();
  for (const [route, { limit }] of contracts) if (limit) limits.set(route, limit);
  for (const [route, limit] of Object.entries(own)) limits.set(route, { ...limits.get(route), ...limit });
  return limits;
}

/** NaN is above nothing, and a bucket of less than one message never holds one. */
function problemsOf(route: string, { perSecond, burst }: CallLimit): FieldProblem[] {
  const isRate = typeof perSecond === 'number' && perSecond >= slowest && perSecond <= most;
  const isBurst = Number.isInteger(burst) && burst >= 1 && burst <= most;
  const field = `routeLimits.${route}`;
  return [
    ...(isRate
      ? []
      : [{ field: `${field}.perSecond`, rule: `expected a number from ${slowest} to ${most}` }]),
    ...(isBurst ? [] : [{ field: `${field}.burst`, rule: `expected a whole number from 1 to ${most}` }]),
  ];
}

/**
 * `matching.user_join_matching` goes to any matching server, or to the one that the session is bound to. A message for the owner of a key
 * goes there all the same.
 *
 * @param session left out where bindings to servers don't count
 * @throws RpcError UNKNOWN_ROUTE
 */
export function targetOfRoute(message: GatewayMessageDto, session?: SocketSession): Readonly<Target<string>> {
  const target = readTarget(message);
  const serverId = session?.boundServer(target.serverType);
  return serverId === undefined ? target : { scope: target.scope, serverId, handler: target.handler };
}

function readTarget(message: GatewayMessageDto): ReturnType<typeof clientTarget> {
  try {
    return clientTarget(message.route);
  } catch {
    throw GameErrors.UNKNOWN_ROUTE({
      details: { detail: 'A route looks like matching.user_join_matching.' },
    });
  }
}
