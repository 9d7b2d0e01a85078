// The thread that watches the main thread. It loads nothing but Node's own modules as long as that one goes on.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { crash } from './crash.js';
import { HangMark } from './hang-mark.js';
import { mainThreadCpuMs } from './main-thread-cpu.js';
import { StandingTime } from './standing-time.js';
import {
  headerBytes,
  inspectedAt,
  lengthAt,
  lookEveryMs,
  progressAt,
  type WatchdogData,
} from './watchdog-data.js';

const { memory, limitMs, connection, serverId, version } = workerData as WatchdogData;
/** Others take over from a server that is silent for 2 s: the next owner has to find the mark, also where a core is shared by several. */
const markAfterMs = Math.min(500, limitMs / 2);
/** A mark that is on its way is waited for. */
const markPatienceMs = 2_000;

const header = new Int32Array(memory, 0, headerBytes / 4);
const standing = new StandingTime();
let mark: HangMark | undefined;
let isEnded = false;

setInterval(look, lookEveryMs);

function look(): void {
  // PID 1 outlives its own SIGKILL.
  if (isEnded) return crash();
  const stoodMs = standing.look({
    progress: Atomics.load(header, progressAt),
    cpuMs: mainThreadCpuMs(),
    at: performance.now(),
  });
  if (stoodMs === 0) takeBack();
  if (header[inspectedAt] === 1) return;
  const [subject, life = '', what = ''] = readNote();
  if (stoodMs >= markAfterMs && subject) {
    mark ??= new HangMark(connection, subject, { life, what, serverId, version });
    mark.store(stoodMs >= limitMs);
  }
  const mostMs = limitMs + (mark?.isBeingStored ? markPatienceMs : 0);
  if (stoodMs >= mostMs) endProcess(stoodMs, subject && `${subject} ${what}`);
}

function readNote(): string[] {
  const length = header[lengthAt];
  return length === 0 ? [] : Buffer.from(memory, headerBytes, length).toString('latin1').split(' ');
}

function takeBack(): void {
  const written = mark;
  mark = undefined;
  // It runs out by itself.
  written?.takeBack().catch(() => undefined);
}

/** The main thread can't: what waits in its log and its connections is lost with it. */
function endProcess(cpuMs: number, work?: string): void {
  const fields = { event: 'server.hung', work, cpuMs, markMissing: mark?.missing };
  const about = { level: 'fatal', time: new Date().toISOString(), serverId, version, context: 'watchdog' };
  try {
    writeSync(1, `${JSON.stringify({ ...about, ...fields })}\n`);
  } catch {
    // A pipe that nobody empties.
  }
  isEnded = true;
  process.kill(process.pid, 'SIGKILL');
}
