import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '@ccgame/nats';
import type { Job } from '@ccgame/server';

/** Shows that a CronJob's pod starts, has its configuration and reaches NATS. */
@Injectable()
export class TestCronJob implements Job {
  private readonly log = new Logger('test-cron');

  constructor(@Inject(NATS_CONNECTION) private readonly nats: NatsConnection) {}

  async run(): Promise<void> {
    this.log.log({ event: 'test-cron.ran', roundTripMs: await this.nats.rtt() });
  }
}
