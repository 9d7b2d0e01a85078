import { RpcError, type RpcService } from '@ccgame/rpc';
import { versionCalls } from './version-calls.js';

describe('a call that offers an entity to another version', () => {
  /** @returns the payloads that were sent */
  async function offer(state: string | undefined, refusals: RpcError[] = []): Promise<object[]> {
    const sent: object[] = [];
    const callOwner = (_target: object, payload: object): Promise<void> => {
      sent.push(payload);
      const refusal = refusals.shift();
      return refusal ? Promise.reject(refusal) : Promise.resolve();
    };
    const calls = versionCalls({ callOwner } as unknown as RpcService, 'play', 'p0');
    await calls.take('2.0.0000', 'lobby.a', { seq: 7, state });
    return sent;
  }

  const bare = { partition: 'p0', entity: 'lobby.a', seq: 7 };

  it('has its state in it, unless that is large', async () => {
    expect(await offer('{}')).toEqual([{ ...bare, state: '{}' }]);
    expect(await offer('x'.repeat(65_537))).toEqual([bare]);
    expect(await offer(undefined)).toEqual([bare]);
  });

  it('goes without it to a server of older code, which refuses a field that it does not know', async () => {
    expect(await offer('{}', [new RpcError('INVALID')])).toEqual([{ ...bare, state: '{}' }, bare]);
    const refused = new RpcError('MOVED');
    await expect(offer('{}', [refused])).rejects.toBe(refused);
  });
});
