import type { INestApplicationContext } from '@nestjs/common';
import { AckedPublisher, DirectReader, NotRead, NotStored } from '@ccgame/jetstream';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openProcess } from '../../test/process.js';
import { PushService } from '../push/push.service.js';
import { Groups } from './groups.service.js';

describe('groups while NATS is away', () => {
  let nats: NatsServer;
  let process: INestApplicationContext;

  beforeAll(async () => {
    nats = await startNats();
    process = await openProcess('lobby-0', nats.address);
    await process.get(Groups).addMember('guild-1', 'anna');
    await nats.stop();
  });
  afterAll(async () => {
    await process.close();
    await nats.destroy();
  });

  it('tell their callers to try again', async () => {
    const [groups, pushes] = [process.get(Groups), process.get(PushService)];
    const answers = await Promise.allSettled([
      groups.addMember('guild-1', 'ben'),
      groups.removeMember('guild-1', 'anna'),
      groups.countMembers('guild-1'),
      pushes.toGroup('guild-1', 'news', 1),
      pushes.toAll('news', 1),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'BUSY', retryable: true } });
  });

  it('tell a server whose user of NATS lacks a right that no other try helps', async () => {
    const groups = process.get(Groups);
    jest
      .spyOn(AckedPublisher.prototype, 'publish')
      .mockRejectedValueOnce(new NotStored('denied', 'NATS does not let this server publish there'));
    jest.spyOn(DirectReader.prototype, 'readAll').mockRejectedValueOnce(new NotRead('denied'));
    const answers = await Promise.allSettled([
      groups.addMember('guild-1', 'ben'),
      groups.membersOf('guild-1'),
    ]);
    jest.restoreAllMocks();
    for (const answer of answers)
      expect(answer).toMatchObject({ reason: { code: 'FORBIDDEN', retryable: false } });
  });
});
