/** As NATS words it, in a line of a log in which its quotes may be escaped. */
const denial = /Permissions Violation for (Publish|Subscription) to \\*"([^"\\]+)/g;

/** The subjects that NATS did not permit, each once: `publish to orders.new`, `subscribe to orders.*`. */
export function deniedSubjects(log: string): string[] {
  const told = [...log.matchAll(denial)].map(
    ([, operation, subject]) => `${operation === 'Publish' ? 'publish' : 'subscribe'} to ${subject}`,
  );
  return [...new Set(told)];
}
