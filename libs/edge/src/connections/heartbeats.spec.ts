import { Heartbeats, type Pinged } from './heartbeats.js';

const times = { pingEveryMs: 4_000, pingTimeoutMs: 3_000 };

/** A client that answers so many ms after each ping, or never. */
class Client implements Pinged {
  isOpen = true;
  readonly pingedAt: number[] = [];
  silentAt?: number;

  constructor(
    private readonly clock: Clock,
    private readonly answersAfterMs: number,
  ) {}

  sendPing(): void {
    this.pingedAt.push(this.clock.now);
  }

  checkAnswer(): boolean {
    return this.clock.readUpTo - (this.pingedAt.at(-1) ?? 0) >= this.answersAfterMs;
  }

  endSilent(): void {
    this.silentAt = this.clock.now;
    this.isOpen = false;
  }
}

class Clock {
  now = 0;
  /** Nothing is read while the process is held up, and timers come before what lies unread. */
  readUpTo = 0;
  readonly heartbeats = new Heartbeats(times, 0);

  run(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 50;
      this.heartbeats.tick(this.now);
      this.readUpTo = this.now;
    }
  }

  holdUp(ms: number): void {
    this.now += ms;
  }

  addClients(count: number, answersAfterMs: number): Client[] {
    return Array.from({ length: count }, () => {
      const client = new Client(this, answersAfterMs);
      this.heartbeats.addConnection(client);
      return client;
    });
  }
}

describe('heartbeats', () => {
  let clock: Clock;
  beforeEach(() => (clock = new Clock()));
  afterEach(() => clock.heartbeats.stop());

  it('come a little more often than clients are told, a few clients at a time', () => {
    const clients = clock.addClients(780, 20);
    clock.run(60_000);
    for (const { pingedAt, silentAt } of clients) {
      expect(silentAt).toBeUndefined();
      expect(pingedAt[0]).toBeLessThanOrEqual(4_000);
      const gaps = pingedAt.slice(1).map((at, index) => at - (pingedAt[index] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(4_000);
      expect(Math.min(...gaps)).toBeGreaterThan(3_800);
    }
    expect(clients.filter(({ pingedAt }) => pingedAt.includes(30_000))).toHaveLength(20);
  });

  it('find each client that is gone without a word within seven seconds', () => {
    clock.run(10_000);
    const clients = clock.addClients(200, Infinity);
    const since = clock.now;
    clock.run(7_000);
    for (const { silentAt = Infinity } of clients) {
      expect(silentAt - since).toBeLessThanOrEqual(7_000);
      expect(silentAt - since).toBeGreaterThanOrEqual(3_000);
    }
  });

  it('cut off nobody whose answer this process could not read', () => {
    const clients = clock.addClients(200, 20);
    for (const heldUpMs of [2_000, 3_500, 12_000]) {
      clock.run(9_000);
      clock.holdUp(heldUpMs);
      clock.run(9_000);
    }
    expect(clients.filter(({ silentAt }) => silentAt !== undefined)).toEqual([]);
    // Not all of them at once from then on.
    const last = clients.map(({ pingedAt }) => pingedAt.at(-1));
    expect(new Set(last).size).toBeGreaterThan(35);
  });

  it('still find a client that went during such a pause', () => {
    const [gone] = clock.addClients(1, Infinity);
    clock.run(1_000);
    clock.holdUp(5_000);
    clock.run(8_000);
    expect(gone?.silentAt).toBeDefined();
  });

  it('forget connections that were closed', () => {
    const [client] = clock.addClients(1, 20);
    clock.run(9_000);
    const before = client?.pingedAt.length;
    if (client) client.isOpen = false;
    clock.run(9_000);
    expect(client?.pingedAt.length).toBe(before);
  });
});
