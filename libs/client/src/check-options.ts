import { canKeepDeviceId } from './device-id.js';
import type { ConnectOptions } from './options.js';
import { fetchOf } from './platform.js';
import { hasWebSocket } from './transport.js';

/** A connector reads no longer one. */
export const maxTokenLength = 32 * 1024;

/**
 * A mistake in the game's own code is told where it is made: no later try would mend it.
 *
 * @throws TypeError that names the option
 */
export function checkOptions(options: ConnectOptions): void {
  const given = Object(options) as Record<keyof ConnectOptions, unknown>;
  const { url, token, deviceId, version, region, build } = given;
  const { polling, maxQueued, timeoutMs, onNotRecovered, resume } = given;
  checkUrl('connect', url);
  const isToken = typeof token === 'function' || (token !== '' && isText(token, maxTokenLength));
  const isGuest = token === undefined && (deviceId !== undefined || canKeepDeviceId(options));
  check('token', isToken || isGuest, 'a string or function, unless there are a storage and randomBytes');
  check('deviceId', deviceId === undefined || (typeof deviceId === 'string' && deviceId !== ''), 'a string');
  check('version', version === undefined || isText(version, 64), 'a string such as "1.0.0000"');
  check('region', region === undefined || isText(region, 64), 'a string such as "eu-west"');
  check('build', build === undefined || Number.isInteger(build), 'a whole number');
  check('polling', polling === undefined || typeof polling === 'boolean', 'true or false');
  check(
    'maxQueued',
    maxQueued === undefined || (typeof maxQueued === 'number' && maxQueued >= 0),
    'a number from 0',
  );
  check('timeoutMs', timeoutMs === undefined || isTimeout(timeoutMs), 'a number of ms from 0');
  check('onNotRecovered', onNotRecovered === undefined || typeof onNotRecovered === 'function', 'a function');
  checkPlatform(given);
  const needsFetch = version === undefined || token === undefined;
  check('fetch', !needsFetch || fetchOf(options) !== undefined, 'given: this platform has none');
  check('webSocket', hasWebSocket(options), 'given: this platform has none');
  check('resume', resume === undefined || isPosition(resume), 'the `position` of an earlier client');
}

const address = /^(?:https?|wss?):\/\/(?:\[[\da-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?\/?$/i;

/** Infinity is one: it never ends. */
export function isTimeout(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

/**
 * By hand: mini games have no URL. A path would be a namespace to socket.io, and is none of an http server; `fetch` takes no user.
 *
 * @throws TypeError
 */
export function checkUrl(caller: string, url: unknown): void {
  const [isAddress, port = 1] = (typeof url === 'string' && address.exec(url)) || [];
  if (isAddress && Number(port) <= 65_535) return;
  throw new TypeError(
    `${caller}: the option url must be an address without a path or user, such as "https://play.example.com"`,
  );
}

function checkPlatform({
  fetch,
  webSocket,
  storage,
  randomBytes,
  whenOnline,
}: Record<keyof ConnectOptions, unknown>): void {
  const functions = { fetch, webSocket, randomBytes, whenOnline };
  for (const [option, value] of Object.entries(functions))
    check(option, value === undefined || typeof value === 'function', 'a function');
  const { getItem, setItem } = Object(storage) as Record<string, unknown>;
  const isStorage = typeof getItem === 'function' && typeof setItem === 'function';
  check('storage', storage === undefined || isStorage, 'an object with getItem and setItem');
}

function isPosition(value: unknown): boolean {
  const { session, position, sent = 0 } = Object(value) as Record<string, unknown>;
  return isText(session, 256) && Number.isInteger(position) && Number.isSafeInteger(sent);
}

/** A longer one makes a request that each server drops, which looks as if nobody were there; half a character stands in no address. */
function isText(value: unknown, maxLength: number): boolean {
  return typeof value === 'string' && value.length <= maxLength && !/[\uD800-\uDFFF]/u.test(value);
}

function check(option: string, isRight: boolean, expected: string): void {
  if (!isRight) throw new TypeError(`connect: the option ${option} must be ${expected}`);
}
