import type { Msg } from '@nats-io/nats-core';
import { parseJson } from '@ccgame/jetstream';

/** The message by which a server tells the others of its membership that it lives. */
export interface Beacon {
  serverId: string;
  /** Parts two processes under one server id. */
  incarnation: string;
  /** It stops: others may have what it owned. */
  isLeaving?: boolean;
  /** It has just started, and wants to hear who is there; it takes nothing yet. */
  asks?: boolean;
  /** A server that NATS does not know any more. */
  gone?: string;
  /** A partition that its owner has just given up. */
  released?: string;
  /** A partition that the server has just acquired, and answers for. */
  acquired?: string;
}

/** Undefined: it is none, such as an answer of JetStream to somebody who wanted it sent here. */
export function readBeacon(message: Msg): Beacon | undefined {
  const beacon = parseJson<Partial<Beacon>>(message.string());
  return typeof beacon?.serverId === 'string' && beacon.serverId !== '' ? (beacon as Beacon) : undefined;
}

/** Four beacons missed. A wrong suspicion does no harm: the fence decides. */
export const deadAfterMs = 2_000;

/** The servers that live, by the beacons that were heard. Pure: the time is given. */
export class LiveServers {
  private readonly heardAt = new Map<string, number>();
  /** Those that are leaving, and when they were heard last. */
  private readonly leaving = new Map<string, number>();
  /** The process of each of them that was heard last. */
  private readonly incarnations = new Map<string, string>();
  private lastLook: number;
  /** Since when beacons could be heard here; later by the time in which they couldn't. */
  private listeningSince: number;

  /** @param own counts as alive until it leaves */
  constructor(
    private readonly own: string,
    now: number,
  ) {
    this.lastLook = this.listeningSince = now;
    this.heardAt.set(own, Infinity);
  }

  /**
   * @param isMember false: one that was not there is none yet
   * @returns whether that changed who lives
   */
  hear({ serverId, incarnation, isLeaving }: Beacon, now: number, isMember = true): boolean {
    if (serverId === this.own && !isLeaving) return false;
    this.incarnations.set(serverId, incarnation);
    const had = this.heardAt.has(serverId);
    if (!had && !isMember) return false;
    if (isLeaving) this.heardAt.delete(serverId);
    else this.heardAt.set(serverId, now);
    if (isLeaving) this.leaving.set(serverId, now);
    else this.leaving.delete(serverId);
    return had === (isLeaving === true);
  }

  /**
   * Forgets who is silent. Time in which this process didn't run, or could hear nobody, doesn't count against the others.
   *
   * @returns whether somebody went
   */
  forgetSilent(now: number, couldHear: boolean, usualGapMs: number): boolean {
    const gap = now - this.lastLook;
    this.lastLook = now;
    const deaf = couldHear ? Math.max(0, gap - 2 * usualGapMs) : gap;
    this.listeningSince += deaf;
    let hasChanged = false;
    for (const [server, at] of this.leaving) if (now - at > deadAfterMs) this.leaving.delete(server);
    for (const [server, at] of this.heardAt) {
      if (server === this.own) continue;
      if (deaf > 0) this.heardAt.set(server, at + deaf);
      else if (now - at > deadAfterMs) hasChanged = this.heardAt.delete(server) || hasChanged;
    }
    for (const server of this.incarnations.keys())
      if (!this.isThere(server)) this.incarnations.delete(server);
    return hasChanged;
  }

  /** @returns whether it was there */
  forget(serverId: string): boolean {
    this.leaving.delete(serverId);
    return serverId !== this.own && this.heardAt.delete(serverId);
  }

  isThere(serverId: string): boolean {
    return this.heardAt.has(serverId) || this.leaving.has(serverId);
  }

  /** The process that a server is by now; undefined: it is not there. */
  incarnationOf(serverId: string): string | undefined {
    return this.isThere(serverId) ? this.incarnations.get(serverId) : undefined;
  }

  /** Beacons may have been missed up to now. */
  listenAnew(now: number): void {
    this.listeningSince = now;
  }

  /** Whether those that live must have been heard by now. */
  hasListened(now: number): boolean {
    return now - this.listeningSince > deadAfterMs;
  }

  /** Those that live, and those that are leaving. */
  get count(): number {
    return this.heardAt.size + this.leaving.size;
  }

  ids(): string[] {
    return [...this.heardAt.keys()];
  }
}
