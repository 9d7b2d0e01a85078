import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';

/**
 * Ends the process from any thread of it, as a breakpoint without a debugger does (SIGTRAP). For PID 1, to which the kernel passes no signal
 * of its own: a fault ends that one too. V8 has it for the debugging of itself, and prints nothing.
 */
export function crash(): void {
  setFlagsFromString('--allow-natives-syntax');
  runInThisContext('%SystemBreak()');
}
