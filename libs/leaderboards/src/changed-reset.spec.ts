import type { INestApplicationContext } from '@nestjs/common';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openBoards, shiftPeriods, type ShiftedPeriods, until } from '../test/boards-app.js';
import type { ResetOptions } from './boards/periods.js';
import { LeaderboardRewards, type SettledPage } from './settlement/rewards.js';
import type { SettleReport } from './settlement/settle-report.js';
import { SettlementService } from './settlement/settlement.service.js';
import { ScoreSubmitter } from './submission/score-submitter.js';
import { Leaderboards } from './views/leaderboards.js';

const daily = { cron: '0 0 * * *', timeZone: 'Etc/UTC' };
const hourly = { cron: '0 * * * *', timeZone: 'Etc/UTC' };
const weekly = { cron: '0 5 * * 1', timeZone: 'Etc/UTC' };

class Rewards extends LeaderboardRewards {
  static given: SettledPage[] = [];

  async reward(page: SettledPage): Promise<void> {
    Rewards.given.push(page);
  }
}

describe('two versions whose resets of a board differ', () => {
  let nats: NatsServer;
  const apps: INestApplicationContext[] = [];
  let clocks: { periods: ShiftedPeriods; app: INestApplicationContext }[] = [];
  let results = 0;

  beforeEach(async () => {
    nats = await startNats();
    Rewards.given = [];
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    clocks = [];
    await nats.destroy();
  });

  async function open(reset: ResetOptions, at: string): Promise<INestApplicationContext> {
    const options = {
      boards: [{ name: 'duel', kind: 'sum' as const, reset }],
      serves: true,
      rewards: Rewards,
    };
    const app = await openBoards(nats.address, options, `http-${apps.length}`);
    apps.push(app);
    clocks.push({ app, periods: shiftPeriods(app, 'duel', reset) });
    setClock(at);
    await until(() => shown(app).then(Boolean, () => false));
    return app;
  }

  async function close(app: INestApplicationContext): Promise<void> {
    await app.close();
    apps.splice(apps.indexOf(app), 1);
    clocks = clocks.filter((clock) => clock.app !== app);
  }

  function setClock(at: string): void {
    for (const { periods } of clocks) periods.shiftMs = Date.parse(at) - Date.now();
  }

  async function shown(app: INestApplicationContext, period = 'current'): Promise<string> {
    const view = await app.get(Leaderboards).top('duel', { period });
    return `${view.period.name} ${view.entries[0]?.score ?? 'empty'}`;
  }

  /** Every server shows it: then it is counted. */
  async function play(at: string, expected: string): Promise<void> {
    setClock(at);
    await apps[0]
      .get(ScoreSubmitter)
      .submitScore({ topic: 'duel', id: `r${results++}`, playerId: 'anna', score: 1 });
    for (const app of apps)
      await until(async () => (await shown(app)) === expected).catch(async () =>
        expect(await shown(app)).toBe(expected),
      );
  }

  const settle = async (app: INestApplicationContext): Promise<SettleReport> => {
    const report = await app.get(SettlementService).settle();
    expect(report.failed).toEqual([]);
    return report;
  };
  const rewards = (): string[] => Rewards.given.map(({ key, entries }) => `${key} ${entries[0].score}`);

  it('settle a period at the end that it began with, and give each result one reward, also after a rollback', async () => {
    const stable = await open(daily, '2026-11-28T12:30:00Z');
    await play('2026-11-28T12:30:00Z', '20261128T000000Z 1');
    const canary = await open(hourly, '2026-11-28T12:40:00Z');
    await play('2026-11-28T13:10:00Z', '20261128T000000Z 2');
    for (const version of [canary, stable]) expect((await settle(version)).settled).toEqual([]);
    await play('2026-11-28T23:59:00Z', '20261128T000000Z 3');
    setClock('2026-11-29T00:05:00Z');
    await settle(stable);
    expect(rewards()).toEqual(['duel.20261128T000000Z.0 3']);
    await close(canary);
    setClock('2026-11-29T03:00:00Z');
    await play('2026-11-29T03:00:00Z', await shown(stable).then((now) => now.replace('empty', '1')));
    setClock('2026-11-30T00:05:00Z');
    await settle(stable);
    await settle(stable);
    expect(rewards().map((reward) => reward.at(-1))).toEqual(['3', '1']);
    expect(new Set(Rewards.given.map(({ key }) => key)).size).toBe(2);
  });

  it('show the same running period, the one before it, and those of long ago', async () => {
    const stable = await open(daily, '2026-11-27T12:00:00Z');
    await play('2026-11-27T12:00:00Z', '20261127T000000Z 1');
    await settle(stable);
    await play('2026-11-28T12:00:00Z', '20261128T000000Z 1');
    await settle(stable);
    const canary = await open(weekly, '2026-11-28T13:00:00Z');
    await play('2026-11-28T13:00:00Z', '20261128T000000Z 2');
    for (const version of [stable, canary]) {
      expect(await shown(version, '20261127T000000Z')).toBe('20261127T000000Z 1');
      expect(await shown(version, 'previous')).toBe('20261127T000000Z 1');
    }
    await close(stable);
    await play('2026-11-29T02:00:00Z', '20261129T000000Z 1');
    expect(await shown(canary, 'previous')).toBe('20261128T000000Z 2');
    await play('2026-11-30T04:59:00Z', '20261129T000000Z 2');
    await play('2026-11-30T06:00:00Z', '20261130T050000Z 1');
    await settle(canary);
    expect(await shown(canary, 'previous')).toBe('20261129T000000Z 2');
  });
});
