import { setTimeout as sleep } from 'node:timers/promises';
import { RpcError } from '../errors.js';

/** A key that moves is owned again within some ms, one whose owner died within a second or three. */
const pauseMs = { first: 10, most: 150 };
/** So often in a row a call follows an answer at once that says where the owner is. */
const mostHops = 3;
/** Without an answer for so long a call is sent once more, and then after twice that; its server may have died with it unseen. */
const silentMs = 500;
const notBegun = ['NO_SERVER', 'MOVED'];

/** A call that may have to look for its key's owner. */
export interface OwnerCall {
  /** Makes one try. @param version where the owner was said to be; undefined: where the caller looks first */
  call(timeLeftMs: number, version: string | undefined): Promise<unknown>;
  /** Whether the handler knows a call that it has had: only then one whose answer was lost is sent again. */
  knowsRepeats: boolean;
  /** The version in which the owner was met last. */
  metIn: {
    version(): string | undefined;
    remember(version: string): void;
    forget(): void;
  };
}

/**
 * Calls until somebody answers who owns the key, or the time is up. An owner in another version is found by the answer MOVED
 * with `details.version`.
 *
 * @throws RpcError the last try's
 */
export async function untilOwned(ownerCall: OwnerCall, timeoutMs: number): Promise<unknown> {
  const { knowsRepeats, metIn } = ownerCall;
  const endsAt = performance.now() + timeoutMs;
  let hops = 0;
  for (let tries = 0; ; tries += 1) {
    const version = metIn.version();
    try {
      return knowsRepeats
        ? await repeatWhileSilent(ownerCall, endsAt)
        : await ownerCall.call(leftUntil(endsAt), version);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      // Not that of a call which the handler made in its turn: its work had begun.
      const isUnbegun = notBegun.includes(error.code) && error.retryable;
      const isWorthAnother = isUnbegun || (knowsRepeats && error.code === 'GONE');
      const movedTo = versionIn(error);
      if (movedTo !== undefined) metIn.remember(movedTo);
      // Its servers are gone: the owner, if there is one, is known where the caller looks first.
      else if (error.code === 'NO_SERVER') metIn.forget();
      hops = movedTo === undefined || movedTo === version ? 0 : hops + 1;
      const isHop = hops > 0 && hops <= mostHops;
      const restMs = isHop ? 0 : Math.min(pauseMs.most, pauseMs.first * 2 ** tries) * (0.5 + Math.random());
      const isOver = performance.now() + restMs >= endsAt;
      if (isOver || !isWorthAnother) throw error;
      if (!isHop) await sleep(restMs);
    }
  }
}

/**
 * The first answer counts, whichever try it is to, but for BUSY to a repeat: the server has as many calls as it can hold, and an earlier
 * try may be one of them.
 */
async function repeatWhileSilent(ownerCall: OwnerCall, endsAt: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const sendTry = (restMs: number, fail: (error: Error) => void): void => {
        ownerCall.call(leftUntil(endsAt), ownerCall.metIn.version()).then(resolve, fail);
        if (restMs < leftUntil(endsAt)) timer = setTimeout(() => sendTry(restMs * 2, failUnlessBusy), restMs);
      };
      const failUnlessBusy = (error: Error): void => {
        if (!(error instanceof RpcError && error.code === 'BUSY')) reject(error);
      };
      sendTry(silentMs, reject);
    });
  } finally {
    clearTimeout(timer);
  }
}

const leftUntil = (endsAt: number): number => endsAt - performance.now();

function versionIn({ code, details }: RpcError): string | undefined {
  const { version } = Object(details) as { version?: unknown };
  return code === 'MOVED' && typeof version === 'string' ? version : undefined;
}
