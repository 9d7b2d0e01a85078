import { Inject, Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
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

  /** @throws what a hook refuses the session with */
  async sessionOpens(session: PlayerSession): Promise<void> {
    if (this.hooks.length === 0) return;
    for (const hook of this.hooks) {
      await (session.isResumed ? hook.onResume?.(session) : hook.onConnect?.(session));
    }
    session.ending.whenGone((reason) => this.socketGone(session, reason));
  }

  /** Undefined: nobody waits for anything. @throws what a hook refuses the event with */
  checkMessage(session: SocketSession, event: string, data: unknown): Promise<void> | undefined {
    return this.readsMessages ? this.askEach(session, event, data) : undefined;
  }

  private socketGone(session: SocketSession, reason: string): void {
    for (const hook of this.hooks) {
      try {
        hook.onDisconnect?.(session, reason);
      } catch (error) {
        this.log.error(error);
      }
    }
  }

  private async askEach(session: SocketSession, event: string, data: unknown): Promise<void> {
    for (const hook of this.hooks) await hook.onMessage?.(session, event, data);
  }

  private async findHook(type: NonNullable<EdgeOptions['hooks']>[number]): Promise<SessionHooks> {
    try {
      return this.modules.get(type, { strict: false });
    } catch {
      return this.modules.create(type);
    }
  }
}
