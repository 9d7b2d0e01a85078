import type { ConnectOptions } from './options.js';

/**
 * A mistake in the game's own code is told where it is made: no later try would mend it.
 *
 * @throws TypeError that names the option
 */
export function checkOptions(options: ConnectOptions): void {
  const { url, token, deviceId, version, build, maxQueued, timeoutMs, onNotRecovered, resume } = Object(
    options,
  ) as Record<keyof ConnectOptions, unknown>;
  check('url', isUrl(url), 'an address such as "https://play.example.com"');
  const isToken = typeof token === 'function' || (typeof token === 'string' && token !== '');
  check('token', isToken || (token === undefined && deviceId !== undefined), 'a string or function');
  check('deviceId', deviceId === undefined || (typeof deviceId === 'string' && deviceId !== ''), 'a string');
  check('version', version === undefined || typeof version === 'string', 'a string such as "1.0.0000"');
  check('build', build === undefined || Number.isInteger(build), 'a whole number');
  check(
    'maxQueued',
    maxQueued === undefined || (typeof maxQueued === 'number' && maxQueued >= 0),
    'a number from 0',
  );
  check('timeoutMs', timeoutMs === undefined || isTimeout(timeoutMs), 'a number of ms from 0');
  check('onNotRecovered', onNotRecovered === undefined || typeof onNotRecovered === 'function', 'a function');
  check('resume', resume === undefined || isPosition(resume), 'the `position` of an earlier client');
}

/** Infinity is one: it never ends. */
export function isTimeout(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

function isUrl(value: unknown): boolean {
  try {
    return typeof value === 'string' && /^(https?|wss?):$/.test(new URL(value).protocol);
  } catch {
    return false;
  }
}

function isPosition(value: unknown): boolean {
  const { session, position } = Object(value) as { session?: unknown; position?: unknown };
  return typeof session === 'string' && Number.isInteger(position);
}

function check(option: string, isRight: boolean, expected: string): void {
  if (!isRight) throw new TypeError(`connect: the option ${option} must be ${expected}`);
}
