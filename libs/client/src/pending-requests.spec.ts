import type { ClientError } from './errors.js';
import type { Link } from './link.js';
import { PendingRequests } from './pending-requests.js';

interface Sent {
  route: string;
  data: unknown;
  timestamp: number;
}

/** A socket as far as requests know it. */
const linkTo = (id = 's'): Link & { sent: Sent[] } => {
  const sent: Sent[] = [];
  const session = { session: id, retryPolicies: { steer: 'once', read: 'safe' } };
  return { session, sent, sendMessage: (_: string, message: Sent) => void sent.push(message) } as never;
};

const dataOf = ({ sent }: { sent: Sent[] }): unknown[] => sent.map(({ data }) => data);

describe('requests, when their session moves to another socket', () => {
  const setUp = () => {
    const [first, second] = [linkTo(), linkTo()];
    const requests: PendingRequests = new PendingRequests(100, () => requests.flushQueued(second));
    const ask = (route: string, data: number, link: Link, timeoutMs = 10_000): Promise<unknown> =>
      requests.addRequest('Request', { route, data }, timeoutMs, link).catch(({ code }: ClientError) => code);
    const answer = ({ sent }: { sent: Sent[] }, place: number): void =>
      void requests.answerRequest({ timestamp: sent[place].timestamp, data: null } as never);
    return { first, second, requests, ask, answer };
  };
  let scene: ReturnType<typeof setUp>;
  beforeEach(() => (scene = setUp()));
  afterEach(() => scene.requests.failAll());

  it('keep their order: the next one of a route waits for those on the socket that was left', () => {
    const { first, second, requests, ask, answer } = scene;
    for (const data of [1, 2]) void ask('steer', data, first);
    requests.flushQueued(second);
    for (const data of [3, 4]) void ask('steer', data, second);
    answer(first, 0);
    requests.flushQueued(second);
    expect(dataOf(second)).toEqual([]);
    answer(first, 1);
    requests.flushQueued(second);
    expect(dataOf(second)).toEqual([3, 4]);
    void ask('steer', 5, second);
    expect(dataOf(second)).toEqual([3, 4, 5]);
  });

  it('keep it too when the socket that was left breaks', () => {
    const { first, second, requests, ask } = scene;
    void ask('steer', 1, first);
    void ask('steer', 2, second);
    requests.linkLost(first);
    requests.flushQueued(second);
    expect(dataOf(second)).toEqual([1, 2]);
  });

  it('go on when the one before them, on the socket that was left, has timed out', async () => {
    const { first, second, ask } = scene;
    const before = ask('steer', 1, first, 20);
    void ask('steer', 2, second);
    expect(await before).toBe('TIMEOUT');
    expect(dataOf(second)).toEqual([2]);
  });

  it('are not sent by `once` a second time where the move opened another session, whose ids begin anew', async () => {
    const { first, requests, ask } = scene;
    const other = linkTo('another');
    const steered = ask('steer', 1, first);
    void ask('read', 2, first);
    requests.flushQueued(other);
    requests.linkLost(first);
    requests.flushQueued(other);
    expect(dataOf(other)).toEqual([2]);
    expect(await steered).toBe('CONNECTION_LOST');
  });

  it('do not wait for those of other routes, or of routes that are never sent again', () => {
    const { first, second, ask } = scene;
    void ask('steer', 1, first);
    void ask('look', 2, first);
    void ask('look', 3, second);
    void ask('jump', 4, second);
    expect(dataOf(second)).toEqual([3, 4]);
  });
});

describe('the ids of requests', () => {
  it('go up, also where the device’s clock is set back, and from one page of a session to the next', () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const link = linkTo();
    const send = (requests: PendingRequests): void =>
      void requests.addRequest('Request', { route: 'steer', data: 1 }, 10_000, link).catch(() => undefined);
    const first = new PendingRequests(100, () => undefined);
    send(first);
    clock.mockReturnValue(400_000);
    send(first);
    const second = new PendingRequests(100, () => undefined, first.lastSent);
    send(second);
    clock.mockReturnValue(2_000_000);
    send(second);
    expect(link.sent.map(({ timestamp }) => timestamp)).toEqual([1_000_000, 1_000_001, 1_000_002, 2_000_000]);
    for (const requests of [first, second]) requests.failAll();
    clock.mockRestore();
  });
});
