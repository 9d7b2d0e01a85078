import { EntityHost } from '../src/host/entity-host.js';
import { type Host, HostCluster, until } from './host-cluster.js';
import { NewLetter, OldLetter, writeLetter } from './letters.js';
import { Operator } from './operator.js';

const [v1, v2] = ['1.0.0000', '1.0.0001'];

describe('a release that is asked whether it could go on with entities that sleep', () => {
  let cluster: HostCluster;
  let operator: Operator;
  const told: string[] = [];

  beforeAll(async () => {
    cluster = await HostCluster.start(v1, v2);
    operator = new Operator(cluster.operator);
  });
  beforeEach(() => {
    told.length = 0;
    jest.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    operator.close();
    await cluster.stop();
  });

  /** The first one is the oldest that is stored. */
  async function writeLetters({ app, client }: Host, prefix: string, first: string): Promise<void> {
    const isAsleep = (): boolean => app.get(EntityHost, { strict: false }).liveEntities().length === 0;
    await client.call(writeLetter, `${prefix}-first`, first);
    await until(isAsleep);
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => client.call(writeLetter, `${prefix}-${index}`, 'text')),
    );
    await until(isAsleep);
  }

  it('is refused for one that its code can’t take, and tells how many were tried', async () => {
    const old = await cluster.addHost(v1, [OldLetter]);
    await cluster.addHost(v2, [NewLetter]);
    await writeLetters(old, 'old', 'sealed');
    await expect(operator.assertTaken(v1, v2)).rejects.toMatchObject({
      problems: [
        `${v2} does not take letter old-first: upgrade threw: a sealed letter.`,
        expect.stringMatching(/Nothing was changed/),
      ],
    });
    expect(told).toEqual([`note: tried 20 of 61 letter entities in ${v1}`]);
    // It was read, and not woken.
    expect(old.app.get(EntityHost, { strict: false }).liveEntities()).toEqual([]);
  });

  it('is refused for one that can’t be given back', async () => {
    const [, recent] = cluster.hosts;
    // Those of the other version stand before them.
    await writeLetters(recent, 'new', 'long');
    await expect(operator.assertTaken(v2, v1)).rejects.toMatchObject({
      problems: [
        expect.stringMatching(`${v1} does not take letter new-first: downgrade threw: a long letter.`),
        expect.anything(),
      ],
    });
  });
});
