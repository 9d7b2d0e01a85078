import type { INestApplicationContext } from '@nestjs/common';
import { NatsClock } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { type HandlerContract, RpcService } from '@ccgame/rpc';
import { Bindings } from '@ccgame/sessions';
import { MessageCaller } from '../../edge/src/gateway/message-caller.js';
import { PlayerRoutes } from '../../edge/src/routes/player-routes.js';

/** The part of a connector that finds the room of a player, on a server's NATS connection. */
export class BoundPlayer {
  private readonly routes: PlayerRoutes;
  private readonly bindings: Bindings;
  private readonly caller: MessageCaller;
  private readonly rpc: RpcService;

  constructor(
    private readonly playerId: string,
    handlers: HandlerContract[],
    app: INestApplicationContext,
  ) {
    this.routes = new PlayerRoutes({ handlers });
    const health = app.get(NatsHealth);
    const clock = new NatsClock(app.get(NATS_CONNECTION), health);
    this.bindings = new Bindings(app.get(NATS_CONNECTION), health, clock);
    this.rpc = app.get(RpcService);
    this.caller = new MessageCaller(this.rpc, this.routes, this.bindings);
  }

  async ask(route: string, data: unknown): Promise<unknown> {
    const { playerId } = this;
    const message = { route, data };
    const target = await this.routes.targetOf(message, undefined as never, this.rpc);
    const context = { attributes: { uid: playerId, session: 'test' } };
    return this.caller.callTarget(target, { playerId, message, context, knowsRepeats: true });
  }

  close(): void {
    this.bindings.onApplicationShutdown();
  }
}
