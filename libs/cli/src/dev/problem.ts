import { NatsProblem } from '@ccgame/testing';

/** What to tell a person when the launcher can't go on: a sentence, and no stack. */
export function explainProblem(error: unknown): string {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (error instanceof NatsProblem) return message;
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use; stop what listens there, or choose another: npm start -- --port ${(port ?? 3000) + 100}`;
  }
  return message;
}
