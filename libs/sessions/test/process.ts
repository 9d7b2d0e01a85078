import { type INestApplicationContext, type ModuleMetadata, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '@ccgame/nats';
import { aliveSubject, RpcModule } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import { SessionsModule } from '../src/sessions.module.js';

/** Stands for one server process in a test: its own NATS connection, and the providers and modules that it is given. */
export async function openProcess(
  serverId: string,
  natsAddress: string,
  providers: Provider[] = [],
  modules: NonNullable<ModuleMetadata['imports']> = [],
): Promise<INestApplicationContext> {
  const identity = { serverId, serverType: serverId.split('-')[0], version: '1.0.0000' };
  const root = {
    module: class {},
    imports: [RpcModule.forRoot({ identity, natsAddress, stopTimeoutMs: 1_000 }), SessionsModule, ...modules],
    providers,
  };
  const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  // As every server does that is called.
  const nats = app.get<NatsConnection>(NATS_CONNECTION);
  nats.subscribe(aliveSubject(serverId), { callback: (_, message) => void message.respond() });
  return app;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves as soon as `check` holds; fails the test when it doesn't within 30 s. */
export async function until(check: () => boolean): Promise<void> {
  await untilHolds(check, { timeoutMs: 30_000, everyMs: 10 });
}
