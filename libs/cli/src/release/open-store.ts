import type { NatsConnection } from '@nats-io/nats-core';
import { ReleaseStore } from '@ccgame/releases';
import { within } from '@ccgame/rpc/basics';
import { NatsProblem } from '@ccgame/testing';

/** A cluster of NATS takes up to 10 s to elect a leader, ms. */
const electedMs = 15_000;

/**
 * Opens the store of release tables. By itself it waits for JetStream as a server does at its start, without an end.
 *
 * @throws NatsProblem where NATS answers and its JetStream doesn't; StorageProblem where it has none
 */
export function openStore(nats: NatsConnection, patienceMs = electedMs): Promise<ReleaseStore> {
  const failLate = (): never => {
    throw new NatsProblem(
      `The NATS server ${nats.getServer()} answers, but its JetStream has not for ${patienceMs / 1_000} s: too few servers of its cluster may be there, or a disk is full. Look at its pods, their logs and /healthz ("kubectl get pods -l app=nats").`,
    );
  };
  return within(patienceMs, () => ReleaseStore.open(nats), failLate);
}
