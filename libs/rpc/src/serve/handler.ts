import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerContract, HandlerScope } from '../contract/contract.js';
import type { HandlerLimits } from '../contract/decorators.js';
import type { PayloadCheck } from '../validation/payload-check.js';
import { directMethodOf, type DirectMethod } from './nest-internals.js';
import { HandlerStats } from './handler-stats.js';

/** A server's subjects that lead to a handler: its own (`id`), its type's (`type`), or both. */
export type Reach = 'id' | 'type' | 'both';

/** One handler of this process. */
export class Handler {
  readonly stats = new HandlerStats();
  /** The method itself, where Nest has nothing to do around it. */
  readonly direct?: DirectMethod;

  constructor(
    readonly scope: HandlerScope,
    readonly name: string,
    readonly reach: Reach,
    readonly limits: Required<HandlerLimits>,
    /** Nest's: guards, pipes, interceptors, the method, filters. */
    readonly invoke: MessageHandler,
    readonly contract?: HandlerContract,
    readonly check?: PayloadCheck,
  ) {
    this.direct = directMethodOf(invoke);
  }

  get keyed(): boolean {
    return this.contract?.keyed === true;
  }
}
