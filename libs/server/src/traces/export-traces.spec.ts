import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The packages of OpenTelemetry that a process has loaded once it has decided about traces, by the built library. */
function loadedPackages(env: Record<string, string>): string[] {
  const file = JSON.stringify(join(process.cwd(), 'libs/server/dist/traces/export-traces.js'));
  const program = `
    import { createRequire } from 'node:module';
    await import('@ccgame/rpc');
    const { exportTraces } = await import(${file});
    const end = await exportTraces({ warn: () => undefined });
    const files = Object.keys(createRequire(${file}).cache).join(' ');
    const packages = new Set(files.match(/(?<=@opentelemetry\\/)[a-z-]+/g));
    console.log([...packages].sort().join(' '));
    await end();
    process.exit(0);`;
  const given = { PATH: process.env.PATH, SERVER_TYPE: 'cron', SERVER_ID: 'cron-0', ...env };
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    env: given,
    encoding: 'utf8',
  });
  return printed.trim().split(' ');
}

describe('the exporter of traces', () => {
  it('is not even loaded where nobody says where traces go: a start would take longer', () => {
    expect(loadedPackages({})).toEqual(['api']);
  });

  it('is loaded where OTEL_EXPORTER_OTLP_ENDPOINT says so', () => {
    const loaded = loadedPackages({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    expect(loaded).toEqual(expect.arrayContaining(['api', 'exporter-trace-otlp-http', 'sdk-trace-node']));
  });
});
