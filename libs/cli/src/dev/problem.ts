/** A sentence for the person at the terminal when the launcher can't go on, without a stack. */
export function explainProblem(error: unknown): string {
  const { name, code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use; stop what listens there, or choose another: npm start -- --port ${(port ?? 3000) + 100}`;
  }
  // The NATS client's own word for it is "timeout".
  if (name === 'TimeoutError') return 'NATS did not answer in time; say the command again.';
  return message;
}
