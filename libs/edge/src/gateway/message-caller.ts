import { Injectable } from '@nestjs/common';
import { publishPatiently } from '@ccgame/nats';
import type { GatewayMessageDto } from '@ccgame/protocol';
import {
  type BoundThing,
  codeOf,
  type OwnerCallOptions,
  type RpcContext,
  rpcContext,
  RpcService,
  type ServerTypeTarget,
  type Target,
  untilServed,
} from '@ccgame/rpc';
import { BindingErrors, Bindings } from '@ccgame/sessions';
import { PlayerRoutes } from '../routes/player-routes.js';

/** How long a call that may be sent again takes at most, ms: as long as the SDK waits. An owner that hangs is replaced in half of it. */
const ownerTimeoutMs = 10_000;

/** One message of a player on its way to a server. */
export interface PlayerMessage {
  playerId: string;
  message: GatewayMessageDto;
  context: RpcContext;
  /** A call may be sent again where its key's owner has gone. */
  knowsRepeats: boolean;
}

/** Calls the server that a player's message is for: any of a type, the owner of the key that it names, or of the player's room. */
@Injectable()
export class MessageCaller {
  constructor(
    private readonly rpc: RpcService,
    private readonly routes: PlayerRoutes,
    private readonly bindings: Bindings,
  ) {}

  /** @throws RpcError what the handler throws; NOT_BOUND for a player in no room; NO_SERVER */
  callTarget(target: Target<string>, call: PlayerMessage): Promise<unknown> {
    const { message, context, knowsRepeats } = call;
    const { route } = message;
    if (!this.routes.isKeyed(route) || 'serverId' in target) {
      return rpcContext.run(context, () => this.callAny(target, message));
    }
    const bound = this.routes.boundOf(route);
    if (bound && target.key === undefined) return this.callRoom(target, call, bound);
    const options = ownerOptions(this.routes.objectOf(message), knowsRepeats);
    const callOwner = (): Promise<unknown> => this.rpc.callOwner(target, message.data, options);
    return rpcContext.run(context, bound ? () => publishPatiently(callOwner) : callOwner);
  }

  /** A route that nobody has declared is no server's, now or in a second; one that is named by its id has no successor. */
  private callAny(target: Target<string>, { route, data, timestamp }: GatewayMessageDto): Promise<unknown> {
    if (!this.routes.isDeclared(route) || 'serverId' in target) return this.rpc.doRPC(target, data);
    const call = (answering: boolean): Promise<unknown> => this.rpc.doRPC(target, data, { answering });
    // Without an id, a repeated call could not be known again.
    const isRepeatable = timestamp !== undefined && this.routes.isRepeatable(route);
    return untilServed({ call, isRepeatable });
  }

  /** The room that is known here may be an old one of the player's: when that room says so, the binding is read again. */
  private async callRoom(
    target: ServerTypeTarget<string>,
    call: PlayerMessage,
    bound: BoundThing,
  ): Promise<unknown> {
    const { playerId } = call;
    const id = await this.bindings.boundTo(playerId, bound.kind);
    try {
      return await this.callBound(target, call, bound, id);
    } catch (error) {
      if (!isOfAnother(error)) throw error;
    }
    this.bindings.forget(playerId, bound.kind);
    const newest = await this.bindings.boundTo(playerId, bound.kind);
    if (newest === id) throw BindingErrors.NOT_BOUND();
    return this.callBound(target, call, bound, newest);
  }

  private callBound(
    target: ServerTypeTarget<string>,
    { context, message, knowsRepeats }: PlayerMessage,
    bound: BoundThing,
    id: string,
  ): Promise<unknown> {
    const keyed = { ...target, key: bound.keyOf(id) };
    const attributes = { ...context.attributes, entity: id };
    const options = ownerOptions(bound.objectOf(id), knowsRepeats);
    return rpcContext.run({ ...context, attributes }, () =>
      publishPatiently(() => this.rpc.callOwner(keyed, message.data, options)),
    );
  }
}

function ownerOptions(object: string | undefined, knowsRepeats: boolean): OwnerCallOptions {
  return { object, knowsRepeats, timeoutMs: knowsRepeats ? ownerTimeoutMs : undefined };
}

function isOfAnother(error: unknown): boolean {
  return ['NOT_BOUND', 'NO_ENTITY'].includes(codeOf(error));
}
