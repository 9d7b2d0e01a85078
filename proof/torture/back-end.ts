import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { JoinMatchingDto, type LeftMatching, matchingHandlers, TicketView } from '@ccgame/matchmaker';
import { ClientHandler, clientHandler, RpcModule } from '@ccgame/rpc';
import { NATS_CONNECTION } from '@ccgame/nats';
import { runServer, ServerModule } from '@ccgame/server';
import { SessionsModule } from '@ccgame/sessions';

/** Matching's own join knows its repeats by itself; this one leaves that to the store of `once`. */
const join = clientHandler({
  serverType: 'matching',
  handler: matchingHandlers.join.handler,
  payload: JoinMatchingDto,
  result: TicketView,
  retryPolicy: 'once',
});

/** Stands in for matching: it does no more than to write down that it ran. */
@Controller()
class RunsController {
  constructor(@Inject(NATS_CONNECTION) private readonly nats: NatsConnection) {}

  /** `mode` is the request's id. */
  @ClientHandler(join)
  async join({ mode }: JoinMatchingDto): Promise<TicketView> {
    await jetstream(this.nats).publish('torture.ran', mode);
    return { ticketId: mode, mode, waitingSinceMs: 0 };
  }

  /** Declared `safe`. */
  @ClientHandler(matchingHandlers.leave)
  leave(): LeftMatching {
    return { outcome: 'not-waiting' };
  }
}

@Module({ imports: [ServerModule, RpcModule.forRoot(), SessionsModule], controllers: [RunsController] })
class BackEndModule {}

await runServer({ module: () => Promise.resolve(BackEndModule) });
