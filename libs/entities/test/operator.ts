import type { NatsConnection } from '@nats-io/nats-core';
import { OperatorRpc } from '../../cli/src/release/operator-rpc.js';
import { takeRoster } from '../../cli/src/release/roll-call.js';
import type { ReleaseTarget } from '../../cli/src/release/targets/target.js';
import { assertTaken, countWork, workIn } from '../../cli/src/release/work-left.js';

/** The questions of the release command, to all servers that NATS knows. */
export class Operator {
  private readonly session;

  constructor(nats: NatsConnection) {
    const target = {
      servers: () => Promise.resolve({ counts: [], instances: [] }),
    } as unknown as ReleaseTarget;
    this.session = { operator: new OperatorRpc(nats), target, without: [] };
  }

  async workOf(version: string): Promise<string> {
    const { count, silent } = await countWork(this.session, await takeRoster(this.session), version);
    expect(silent).toEqual([]);
    return workIn(count);
  }

  assertTaken(from: string, to: string): Promise<void> {
    return assertTaken(this.session, from, to);
  }

  close(): void {
    this.session.operator.close();
  }
}
