import { kubectl, read, run } from '../cluster.js';
import { login } from '../doors.js';
import { until } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { connector, http, rolledOut, type Stage } from '../stage.js';

const signedWithinMs = 30_000;

interface Secret {
  data: Record<string, string>;
}

/** Step by step as docs/deploy.md says it, with the printed values. */
export const changeTokenKey: Phase = {
  line: 10,
  title: 'runbook: the key of the players’ tokens is changed, without a logout',
  mustBeZero: nothing,
  async run(stage) {
    const before = await valueOf('token-keys', 'public-keys');
    const old = (await login(stage.url)).token;
    const printed = JSON.parse(
      await run('node', ['libs/cli/bin/ccgame.mjs', 'token-key', 'proof', '--beside', before, '--json']),
    ) as { TOKEN_SIGNING_KEY: string; TOKEN_PUBLIC_KEYS: string };
    await setValue('token-keys', 'public-keys', printed.TOKEN_PUBLIC_KEYS);
    await restart(http, connector);
    await setValue('game-secrets', 'token-signing-key', printed.TOKEN_SIGNING_KEY);
    await restart(http);
    let token = old;
    // An old server is asked until the last proxy knows that it stops, some seconds.
    const signed = await until('a token by the new key', signedWithinMs, async () => {
      ({ token } = await login(stage.url));
      return kidOf(token) === 'proof';
    });
    stage.report.check(
      `tokens are signed by the new key ${signed} ms after the restart`,
      kidOf(old) !== 'proof',
    );
    await tellTaken(stage, { old: [old, true], new: [token, true] });
    // As when TOKEN_TTL_SECONDS have passed.
    const { keys } = JSON.parse(printed.TOKEN_PUBLIC_KEYS) as { keys: Array<{ kid: string }> };
    const last = JSON.stringify({ keys: keys.filter(({ kid }) => kid === 'proof') });
    await setValue('token-keys', 'public-keys', last);
    await restart(http, connector);
    await tellTaken(stage, { old: [old, false], new: [token, true] });
  },
};

/** Whether a token of each key is taken as it should be. */
async function tellTaken({ report, url }: Stage, tokens: Record<string, [string, boolean]>): Promise<void> {
  for (const [which, [token, shouldBe]] of Object.entries(tokens)) {
    const { status } = await fetch(`${url}/v1/leaderboards/duel/me`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    });
    report.check(`a token of the ${which} key is answered with ${status}`, (status !== 401) === shouldBe);
  }
}

const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

async function valueOf(secret: string, key: string): Promise<string> {
  const { data } = await read<Secret>('secret', secret);
  return Buffer.from(data[key] ?? '', 'base64').toString();
}

async function setValue(secret: string, key: string, value: string): Promise<void> {
  const patch = JSON.stringify({ stringData: { [key]: value } });
  await kubectl('patch', 'secret', secret, '--patch', patch);
}

async function restart(...workloads: string[]): Promise<void> {
  await kubectl('rollout', 'restart', ...workloads);
  await rolledOut(...workloads);
}
