import type { MessageHandler } from '@nestjs/microservices';
import type { ContractPattern, HandlerLimits } from '../contract/decorators.js';
import type { HandlerContract } from '../contract/contract.js';
import { Handler, type Reach } from './handler.js';
import { mostAtOnce, type ResolvedRpcOptions } from '../options.js';
import { expectedName, isName, showValue } from '@ccgame/config';
import { payloadCheckOf, unruledClass } from '../validation/payload-check.js';

/** A pattern of plain `@MessagePattern` or `@EventPattern`. */
interface PlainPattern {
  serverId: string;
  handler: string;
}

/** The handlers of this process, and everything that is wrong with them. */
export class HandlerRegistry {
  readonly handlers: Handler[] = [];
  /** Handlers for players are called by this process alone: players are connected to it. */
  keepsClientHandlers = false;
  private readonly problems: string[] = [];

  constructor(private readonly options: ResolvedRpcOptions) {
    const { serverId, serverType } = options.identity;
    if (!isName('serverId', serverId) || !serverId.startsWith(`${serverType}-`)) {
      this.problems.push(
        `the id of this server is "${serverId}", which does not begin with "${serverType}-"`,
      );
    }
  }

  addHandler(pattern: unknown, invoke: MessageHandler, extras: HandlerLimits): void {
    if (isContract(pattern)) {
      this.addContract(pattern.contract, invoke, extras);
    } else if (isPlain(pattern)) {
      this.addPlain(pattern, invoke, extras);
    } else {
      this.problems.push(
        `${JSON.stringify(showValue(pattern, 200))} is no pattern: expected { serverId: Config.SERVER_ID or Config.SERVER_TYPE, handler }`,
      );
    }
  }

  /** @throws Error that lists every handler which can't be served. */
  assertSound(): void {
    if (this.problems.length > 0) {
      throw new Error(`The handlers can't be served:\n  ${this.problems.join('\n  ')}`);
    }
  }

  /** The handler of this process that answers players' calls under a name; undefined: they go over NATS, or there is none. */
  ownClientHandler(name: string): Handler | undefined {
    return this.keepsClientHandlers
      ? this.handlers.find((one) => one.name === name && one.scope === 'client')
      : undefined;
  }

  /** Those that other servers may call. */
  listServed(): Handler[] {
    return this.handlers.filter(({ scope }) => scope === 'server' || !this.keepsClientHandlers);
  }

  private addContract(contract: HandlerContract, invoke: MessageHandler, extras: HandlerLimits): void {
    const { serverType } = this.options.identity;
    if (contract.serverType !== serverType) {
      this.problems.push(
        `${contract.handler}: its contract is for the type "${contract.serverType}", and this server is a "${serverType}"`,
      );
      return;
    }
    const untyped = unruledClass(contract.payload);
    if (untyped) {
      this.problems.push(
        `${contract.handler}: its payload ${untyped} has no class-validator decorator, so nothing fits it`,
      );
      return;
    }
    if (this.keepsClientHandlers && contract.scope === 'client' && needsOthers(contract)) {
      this.problems.push(
        `${contract.handler}: a handler in the players' own server is neither keyed nor declared \`once\`, as a player may be with another one when the message is sent again`,
      );
      return;
    }
    this.registerPattern(contract.handler, 'both', invoke, extras, contract);
  }

  private addPlain(pattern: PlainPattern, invoke: MessageHandler, extras: HandlerLimits): void {
    const { serverId, serverType } = this.options.identity;
    if (pattern.serverId !== serverId && pattern.serverId !== serverType) {
      this.problems.push(
        `${pattern.handler}: its serverId "${pattern.serverId}" is neither this server ("${serverId}") nor its type ("${serverType}")`,
      );
      return;
    }
    this.registerPattern(pattern.handler, pattern.serverId === serverId ? 'id' : 'type', invoke, extras);
  }

  private registerPattern(
    name: string,
    reach: Reach,
    invoke: MessageHandler,
    extras: HandlerLimits,
    contract?: HandlerContract,
  ): void {
    const scope = contract?.scope ?? 'server';
    if (!isName('handler', name)) {
      this.problems.push(
        `${JSON.stringify(name)} is no handler name: ${expectedName('handler')}, and no name of Object.prototype`,
      );
      return;
    }
    const same = this.handlers.filter((other) => other.scope === scope && other.name === name);
    if (same.some((other) => other.reach === reach || other.reach === 'both' || reach === 'both')) {
      this.problems.push(`${name}: there are two ${scope} handlers of that name`);
      return;
    }
    const limits = {
      concurrency: extras.concurrency ?? this.options.concurrency,
      queue: extras.queue ?? this.options.queue,
    };
    if (!isWhole(limits.concurrency, 1) || !isWhole(limits.queue, 0)) {
      this.problems.push(
        `${name}: its concurrency and queue are whole numbers from 1 and 0 to ${mostAtOnce}`,
      );
      return;
    }
    const check = contract && payloadCheckOf(contract.payload);
    this.handlers.push(new Handler(scope, name, reach, limits, invoke, contract, check));
  }
}

function needsOthers({ keyed, retryPolicy, knowsRepeats }: HandlerContract): boolean {
  return keyed || (retryPolicy === 'once' && !knowsRepeats);
}

function isWhole(value: number, min: number): boolean {
  return Number.isInteger(value) && value >= min && value <= mostAtOnce;
}

function isContract(pattern: unknown): pattern is ContractPattern {
  return typeof pattern === 'object' && pattern !== null && 'contract' in pattern;
}

function isPlain(pattern: unknown): pattern is PlainPattern {
  const { serverId, handler } = Object(pattern) as Partial<PlainPattern>;
  return typeof serverId === 'string' && typeof handler === 'string';
}
