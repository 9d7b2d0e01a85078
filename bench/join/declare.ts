import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

/** Puts a mode in force, as an operator does at run time. */
export async function declare(nats: NatsConnection, mode: { name: string }): Promise<void> {
  await jetstream(nats).publish(`$KV.modes.${mode.name}`, JSON.stringify(mode));
}
