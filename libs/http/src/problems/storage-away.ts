import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import {
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from '@nats-io/nats-core';
import { NotRead, NotStored } from '@ccgame/jetstream';

const kinds = [
  NotRead,
  NotStored,
  TimeoutError,
  RequestError,
  NoRespondersError,
  ConnectionError,
  ClosedConnectionError,
  DrainingConnectionError,
  JetStreamApiError,
  JetStreamError,
];

/**
 * Whether NATS didn't do what it was asked for: it is away, starts, is full, or has lost a stream. Every endpoint may be called
 * again then, as each reads, or writes a thing once.
 */
export function isStorageAway(error: unknown): boolean {
  return kinds.some((kind) => error instanceof kind);
}
