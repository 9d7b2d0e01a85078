import type { ArenaAllocation } from './arena-allocator.js';
import type { ArenaView, Steered } from './arena-contracts.js';
import { InputCount } from './input-count.js';

const steerEveryMs = 250;
const answerWithinMs = 20_000;

/** The game's client, as far as a robot needs it: the SDK's `Client`. */
interface RobotClient {
  request(route: string, data: unknown, options?: { timeoutMs?: number }): Promise<unknown>;
  on(route: string, listener: (data: never) => void): () => void;
  room(kind: string): {
    onChange(listener: (state: ArenaView | undefined) => void): () => void;
    close(): void;
  };
}

/** Counts and measures, which `ccgame robots` adds up over all robots and shows. */
interface RobotNotes {
  countOne(name: string): void;
  measureMs(name: string, ms: number): void;
}

/** The things that `ccgame robots` gives each robot. */
export interface RobotContext {
  client: RobotClient;
  playerId: string;
  notes: RobotNotes;
  /** Aborted when the robot is to stop; it finishes what it has begun. */
  signal: AbortSignal;
}

/** One player of `ccgame robots --game examples/arena`: a round after the other, steering all the time. */
export async function playAsRobot(context: RobotContext): Promise<void> {
  while (!context.signal.aborted) {
    const roomId = await findRoom(context);
    if (roomId === undefined) continue;
    context.notes.countOne('rounds begun');
    const round = new RobotRound(context, roomId);
    await round.play();
    round.noteResult();
  }
}

/** Undefined: it was told to stop while it waited. */
async function findRoom({ client, signal, notes }: RobotContext): Promise<string | undefined> {
  let forget = (): void => {};
  const matched = new Promise<string | undefined>((resolve) => {
    const stop = (): void => resolve(undefined);
    const off = client.on('matched', ({ allocation }: { allocation?: ArenaAllocation }) =>
      resolve(allocation?.roomId),
    );
    signal.addEventListener('abort', stop);
    forget = () => {
      off();
      signal.removeEventListener('abort', stop);
    };
  });
  try {
    await client.request('matching.user_join_matching', { mode: 'arena' }, { timeoutMs: answerWithinMs });
    return await matched;
  } catch (error) {
    notes.countOne(`not queued: ${codeOf(error)}`);
    await rest(1_000);
    return undefined;
  } finally {
    forget();
  }
}

class RobotRound {
  private readonly inputs = new InputCount();
  private readonly rules = new Set<string>();
  private lastAt?: number;
  private lastTick = 0;
  private isOver = false;

  constructor(
    private readonly context: RobotContext,
    private readonly roomId: string,
  ) {}

  async play(): Promise<void> {
    const { client, signal } = this.context;
    const room = client.room('arena.arena');
    const ends = [
      room.onChange((view) => view && this.seeView(view)),
      () => room.close(),
      client.on('arena.over', (view: ArenaView) => (this.isOver ||= view.roomId === this.roomId)),
    ];
    const answers: Promise<void>[] = [];
    while (!this.isOver && !signal.aborted) {
      answers.push(this.steer());
      await rest(steerEveryMs * (0.5 + Math.random()));
    }
    await Promise.all(answers);
    for (const end of ends) end();
  }

  noteResult(): void {
    const { notes } = this.context;
    for (let count = 0; count < this.inputs.lost; count += 1) notes.countOne('inputs lost');
    for (const rule of this.rules) notes.countOne(`saw "${rule}"`);
  }

  private async steer(): Promise<void> {
    const { client, notes } = this.context;
    const data = { x: Math.random() * 2 - 1, y: Math.random() * 2 - 1 };
    this.inputs.sent += 1;
    const sentAt = performance.now();
    try {
      this.inputs.seeAnswer(
        (await client.request('arena.steer', data, { timeoutMs: answerWithinMs })) as Steered,
      );
      notes.countOne('inputs answered');
      notes.measureMs('input to answer', performance.now() - sentAt);
    } catch (error) {
      // The round was over before it came.
      if (codeOf(error) === 'NOT_BOUND') return void (this.inputs.sent -= 1);
      this.inputs.seeFailure(codeOf(error));
      notes.countOne(`input failed: ${codeOf(error)}`);
    }
  }

  private seeView(view: ArenaView): void {
    if (view.roomId !== this.roomId || view.tick <= this.lastTick) return;
    const { notes, playerId } = this.context;
    const now = performance.now();
    if (this.lastAt !== undefined) notes.measureMs('between two states', now - this.lastAt);
    [this.lastAt, this.lastTick] = [now, view.tick];
    this.rules.add(view.rule);
    this.inputs.seeView(view, playerId);
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);
const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
