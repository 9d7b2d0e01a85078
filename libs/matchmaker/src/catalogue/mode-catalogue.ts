import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { errorText } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import { ensureAlways, ensureStream, type StoredMessage, StreamFollower } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { Readiness } from '@ccgame/server';
import { MATCHMAKER_OPTIONS, type MatchmakerOptions } from '../matchmaker-options.js';
import { checkMode, type ModeProblem } from '../pool/rules/check-mode.js';
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

/** A mode, as the bucket has it. */
interface Override {
  /** The newest one there that can be played; undefined: its key was deleted after that. */
  mode?: Mode;
  /** Newer ones can't be played: what is wrong with the newest. */
  problems?: ModeProblem[];
  /** The log has those. */
  isTold?: boolean;
}

/**
 * The modes in force: those that the game declared, over which the KV bucket `modes` puts its own by name, at run time. A mode that can't be
 * played is logged and left out, so the last good one stays, for a server that starts later as well: the bucket keeps five of each. Deleting a key
 * brings the file's back.
 */
@Injectable()
export class ModeCatalogue implements OnModuleInit, BeforeApplicationShutdown {
  private readonly log = new Logger('modes');
  private readonly declared: Mode[];
  private readonly modes: Map<string, Mode>;
  private readonly overrides = new Map<string, Override>();
  private readonly listeners = new Set<Listener>();
  private hasAll = false;
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
    return this.hasAll;
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
      onMessage: (message) => this.readOverride(message),
      onCurrent: () => this.adoptAll(),
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

  private readOverride(message: StoredMessage): void {
    const name = message.subject.slice(prefix.length);
    const read = message.data.length > 0 ? readMode(name, message) : {};
    // Beside what can't be played the last good one stays.
    this.overrides.set(name, read.problems ? { ...this.overrides.get(name), ...read, isTold: false } : read);
    // At the start the older ones come first: none of them is in force.
    if (this.follower?.isCurrent) this.adoptOverride(name);
  }

  private adoptAll(): void {
    for (const name of this.overrides.keys()) this.adoptOverride(name);
    this.hasAll = true;
  }

  private adoptOverride(name: string): void {
    const override = this.overrides.get(name) ?? {};
    const { mode: own, problems } = override;
    if (problems && !override.isTold) this.log.error({ event: 'mode.refused', mode: name, problems });
    override.isTold = true;
    const mode = own ?? this.declared.find((one) => one.name === name);
    if (JSON.stringify(mode) === JSON.stringify(this.modes.get(name))) return;
    if (mode) this.modes.set(name, mode);
    else this.modes.delete(name);
    this.log.log({ event: 'mode.changed', mode: name, gone: mode === undefined });
    for (const listener of this.listeners) listener(name);
  }
}

function readMode(name: string, message: StoredMessage): Override {
  try {
    const mode = message.json<Mode>();
    const problems = checkMode(mode);
    if (problems.length > 0) return { problems };
    return mode.name === name ? { mode } : { problems: [{ field: 'name', problem: 'is not its key' }] };
  } catch (error) {
    return { problems: [{ field: '', problem: errorText(error) }] };
  }
}
