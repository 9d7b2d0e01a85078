import { Inject, Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { RpcError } from '@ccgame/rpc';
import { EDGE_OPTIONS, type EdgeOptions } from '../edge-options.js';
import type { PlayerSession } from '../gateway/player-session.js';
import type { SocketSession } from '../gateway/socket-session.js';
import type { SessionHooks } from './session-hooks.js';

/** Calls the game's hooks, in the order in which they are named. */
@Injectable()
export class HookRunner {
  private readonly log = new Logger('hooks');
  private hooks: SessionHooks[] = [];
  /** A hook is asked about each event. */
  readsMessages = false;

  constructor(
    @Inject(EDGE_OPTIONS) private readonly options: EdgeOptions,
    private readonly modules: ModuleRef,
  ) {}

  async findHooks(): Promise<void> {
    for (const type of this.options.hooks ?? []) this.hooks.push(await this.findHook(type));
    this.readsMessages = this.hooks.some((hook) => 'onMessage' in hook);
  }

  /**
   * A hook that has heard of the session hears of its end too, though a later hook refuses it or the socket goes meanwhile.
   *
   * @throws what a hook refuses the session with; GONE where the socket went
   */
  async sessionOpens(session: PlayerSession): Promise<void> {
    for (const hook of this.hooks) {
      if (session.ending.isGone) throw new RpcError('GONE');
      await (session.isResumed ? hook.onResume?.(session) : hook.onConnect?.(session));
      if (hook.onDisconnect) session.ending.whenGone((reason) => void this.socketGone(hook, session, reason));
    }
  }

  /** Not worth its promise where no hook {@link readsMessages}. @throws what a hook refuses the event with */
  async checkMessage(session: SocketSession, event: string, data: unknown): Promise<void> {
    for (const hook of this.hooks) await hook.onMessage?.(session, event, data);
  }

  private async socketGone(hook: SessionHooks, session: SocketSession, reason: string): Promise<void> {
    try {
      await hook.onDisconnect?.(session, reason);
    } catch (error) {
      this.log.error(error);
    }
  }

  private async findHook(type: NonNullable<EdgeOptions['hooks']>[number]): Promise<SessionHooks> {
    try {
      return this.modules.get(type, { strict: false });
    } catch {
      return this.modules.create(type);
    }
  }
}
