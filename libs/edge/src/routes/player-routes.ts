import { Inject, Injectable } from '@nestjs/common';
import { GameErrors, type GatewayMessageDto, type SessionOpened } from '@ccgame/protocol';
import { clientTarget, type HandlerContract, type Target } from '@ccgame/rpc';
import { EDGE_OPTIONS, type EdgeOptions, type RouteLimit } from '../edge-options.js';

/** The handlers that players may call, as the game declared them. */
@Injectable()
export class PlayerRoutes {
  /** The routes that a client may send again after a break, as their contracts say. */
  readonly retryPolicies: SessionOpened['retryPolicies'];
  private readonly contracts: Map<string, HandlerContract>;
  private readonly chat: ReadonlySet<unknown>;

  constructor(@Inject(EDGE_OPTIONS) private readonly options: EdgeOptions) {
    this.contracts = new Map(
      options.handlers.map((contract) => [`${contract.serverType}.${contract.handler}`, contract]),
    );
    this.chat = new Set(options.chat);
    this.retryPolicies = Object.fromEntries(
      [...this.contracts].flatMap(([route, { retryPolicy }]) =>
        retryPolicy === 'never' ? [] : [[route, retryPolicy] as const],
      ),
    );
  }

  /** The server that answers a message. @throws RpcError UNKNOWN_ROUTE; INVALID where its data names no key */
  targetOf(message: GatewayMessageDto): Target<string> {
    const target = this.options.route ? this.options.route(message) : targetOfRoute(message);
    const keyOf = this.contracts.get(message.route)?.keyOf;
    if (!keyOf || 'serverId' in target || target.key !== undefined) return target;
    return { ...target, key: keyOf(message.data) };
  }

  /** Whether a route leads to the owner of a key, and not to any server of a type. */
  isKeyed(route: string): boolean {
    return this.contracts.get(route)?.keyOf !== undefined;
  }

  /** The name of the thing that a message is for, where its contract names one. @throws RpcError INVALID */
  objectOf(message: GatewayMessageDto): string | undefined {
    return this.contracts.get(message.route)?.objectOf?.(message.data);
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

  /** Whether calls of a route go one at a time, in the order in which they came. */
  isOrdered(route: string): boolean {
    return this.contracts.get(route)?.ordered === true;
  }

  limitOf(route: unknown): RouteLimit | undefined {
    const { routeLimits } = this.options;
    if (typeof route !== 'string' || !routeLimits || !Object.hasOwn(routeLimits, route)) return undefined;
    return routeLimits[route];
  }
}

/** `matching.user_join_matching` goes to any matching server. @throws RpcError UNKNOWN_ROUTE */
export function targetOfRoute(message: GatewayMessageDto): Target<string> {
  try {
    return clientTarget(message.route);
  } catch {
    throw GameErrors.UNKNOWN_ROUTE({
      details: { detail: 'A route looks like matching.user_join_matching.' },
    });
  }
}
