import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { GameErrors } from '@ccgame/protocol';
import { ensureAlways, ensureStream, type StoredMessage, StreamFollower } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { Readiness } from '@ccgame/server';
import { MATCHMAKER_OPTIONS, type MatchmakerOptions } from '../matchmaker-options.js';
import { checkMode } from '../pool/rules/check-mode.js';
import type { Mode } from '../pool/rules/mode.js';

const bucket = 'modes';
const prefix = `$KV.${bucket}.`;

/** As the NATS tools make a KV bucket. */
export const modesStream = {
  name: `KV_${bucket}`,
  subjects: [`${prefix}>`],
  max_msgs_per_subject: 5,
  max_bytes: 16 * 2 ** 20,
  discard: DiscardPolicy.New,
  allow_direct: true,
  allow_rollup_hdrs: true,
  deny_delete: true,
};

type Listener = (name: string) => void;

/**
 * The modes in force: those that the game declared, over which the KV bucket `modes` puts its own by name, at run time. A mode that can't be
 * played is logged and left out, so the last good one stays; deleting a key brings the file's back.
 */
@Injectable()
export class ModeCatalogue implements OnModuleInit, BeforeApplicationShutdown {
  private readonly log = new Logger('modes');
  private readonly declared: Mode[];
  private readonly modes: Map<string, Mode>;
  private readonly listeners = new Set<Listener>();
  private follower?: StreamFollower;
  private endEnsuring?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    @Inject(MATCHMAKER_OPTIONS) { modes }: MatchmakerOptions,
    private readonly readiness: Readiness,
  ) {
    this.declared = modes;
    this.modes = new Map(modes.map((mode) => [mode.name, mode]));
  }

  /** False until what the bucket held at the start is in force. */
  get isCaughtUp(): boolean {
    return this.follower?.isCaughtUp === true;
  }

  async onModuleInit(): Promise<void> {
    this.readiness.addCheck('modes', () => this.isCaughtUp);
    const manager = await jetstreamManager(this.nats, { checkAPI: false });
    this.endEnsuring = await ensureAlways(this.health, () => ensureStream(manager, modesStream), {
      name: modesStream.name,
    });
    this.follower = new StreamFollower(this.nats, this.health, {
      stream: modesStream.name,
      subject: `${prefix}*`,
      newest: true,
      onMessage: (message) => this.applyOverride(message),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.endEnsuring?.();
    await this.follower?.close();
  }

  find(name: string): Mode | undefined {
    return this.modes.get(name);
  }

  /** @throws RpcError UNKNOWN_MODE */
  get(name: string): Mode {
    const mode = this.modes.get(name);
    if (!mode) throw GameErrors.UNKNOWN_MODE({ details: { modes: [...this.modes.keys()].slice(0, 100) } });
    return mode;
  }

  /** Calls `listener` with the name of each mode that changed. */
  onChange(listener: Listener): void {
    this.listeners.add(listener);
  }

  private applyOverride(message: StoredMessage): void {
    const name = message.subject.slice(prefix.length);
    const mode =
      message.data.length > 0
        ? this.parseOverride(name, message)
        : this.declared.find((one) => one.name === name);
    if (mode === 'unusable' || JSON.stringify(mode) === JSON.stringify(this.modes.get(name))) return;
    if (mode) this.modes.set(name, mode);
    else this.modes.delete(name);
    this.log.log({ event: 'mode.changed', mode: name, gone: mode === undefined });
    for (const listener of this.listeners) listener(name);
  }

  private parseOverride(name: string, message: StoredMessage): Mode | 'unusable' {
    try {
      const given = message.json<Mode>();
      const problems = checkMode(given);
      if (problems.length === 0 && given.name === name) return given;
      const nameProblem = given.name === name ? [] : [{ field: 'name', problem: 'is not its key' }];
      this.log.error({ event: 'mode.refused', mode: name, problems: [...problems, ...nameProblem] });
    } catch (error) {
      this.log.error({ event: 'mode.refused', mode: name, err: error });
    }
    return 'unusable';
  }
}
