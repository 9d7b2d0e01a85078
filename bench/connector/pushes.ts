import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NATS_CONNECTION } from '@ccgame/nats';
import { RpcModule } from '@ccgame/rpc';
import { Delivery, PushService, SessionsModule } from '@ccgame/sessions';
import { sleep } from './statistics.js';

/** Each has one push under way at a time; a connector subscribes to each of its players. */
const players = Array.from({ length: 4_000 }, (_, index) => `p${index}`);
const data = { text: 'x'.repeat(64) };
const body = JSON.stringify({ route: 'tick', data });
/** The log of the bench keeps so long, so that soon as many pushes leave it as come. */
const logKeepsMs = 1_000;
const steadyAfterMs = 1_500;
const measureMs = 800;

/** A back end that pushes. */
export async function openPublisher(
  natsAddress: string,
  serverId = 'publisher-0',
): Promise<INestApplicationContext> {
  const identity = { serverId, serverType: 'publisher', version: '1.0.0000' };
  const root = {
    module: class {},
    imports: [RpcModule.forRoot({ identity, natsAddress }), SessionsModule],
    providers: [Delivery],
  };
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

/** Messages a second from a publisher to a subscriber of each player: by core NATS, and by reliable pushes. */
export class PushBench {
  private received = 0;

  private constructor(
    private readonly publisher: INestApplicationContext,
    private readonly sender: NatsConnection,
    private readonly receiver: NatsConnection,
  ) {}

  static async open(natsAddress: string, storage: 'file' | 'memory'): Promise<PushBench> {
    const publisher = await openPublisher(natsAddress);
    const { streams } = await jetstreamManager(publisher.get<NatsConnection>(NATS_CONNECTION));
    const { config } = await streams.info('PUSH');
    await streams.delete('PUSH');
    const kind = storage === 'file' ? StorageType.File : StorageType.Memory;
    const age = nanos(logKeepsMs);
    await streams.add({ ...config, storage: kind, max_age: age, duplicate_window: age });
    const sender = await connect({ servers: natsAddress });
    const receiver = await connect({ servers: natsAddress });
    const bench = new PushBench(publisher, sender, receiver);
    const callback = () => void (bench.received += 1);
    for (const player of players) {
      receiver.subscribe(`core.u.${player}`, { callback });
      receiver.subscribe(`deliver.u.${player}`, { callback });
    }
    await receiver.flush();
    return bench;
  }

  /** As fast as NATS takes them, with up to 1,000 unheard of. */
  async core(): Promise<number> {
    let isOver = false;
    const send = async () => {
      for (let sent = 0; !isOver; sent += 1) {
        this.sender.publish(`core.u.${players[sent % players.length]}`, body);
        if (sent % 1_000 === 999) await this.sender.flush();
      }
    };
    const sending = send();
    await sleep(measureMs / 3);
    const perSecond = await this.rate();
    isOver = true;
    await sending;
    await this.sender.flush();
    await this.receiver.flush();
    return perSecond;
  }

  /** Acknowledged, in order for each player, while the oldest leave the log. */
  async reliable(): Promise<number> {
    const push = this.publisher.get(PushService);
    const before = this.received;
    let isOver = false;
    let stored = 0;
    const send = async (player: string) => {
      for (; !isOver; stored += 1) await push.toPlayer(player, 'tick', data);
    };
    const sending = Promise.all(players.map(send));
    await sleep(steadyAfterMs);
    const perSecond = await this.rate();
    isOver = true;
    await sending;
    await this.receiver.flush();
    if (this.received - before !== stored) {
      throw new Error(`${stored} pushes were stored, ${this.received - before} came`);
    }
    const { streams } = await jetstreamManager(this.sender);
    await streams.purge('PUSH');
    return perSecond;
  }

  async close(): Promise<void> {
    await Promise.all([this.sender.close(), this.receiver.close(), this.publisher.close()]);
  }

  private async rate(): Promise<number> {
    const [from, startedAt] = [this.received, performance.now()];
    await sleep(measureMs);
    return (this.received - from) / ((performance.now() - startedAt) / 1_000);
  }
}
