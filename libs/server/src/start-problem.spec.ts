import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { connect } from '@nats-io/transport-node';
import { NestFactory } from '@nestjs/core';
import { StorageProblem } from '@ccgame/jetstream';
import { NatsTooOld, tlsOptions } from '@ccgame/nats';
import { requireVariables } from '@ccgame/config';
import { ChildOutput, findNats, freePort, hostileErrors } from '@ccgame/testing';
import { describeStartProblem, explainStartProblem } from './start-problem.js';
import { WorkLeft } from './work/work-left.js';

describe('a start that fails is explained in a sentence', () => {
  async function refusalBy(port: number): Promise<unknown> {
    const options = { servers: `127.0.0.1:${port}`, user: 'game', pass: 'wr0ng', reconnect: false };
    return connect(options).then(
      (connection) => connection.close(),
      (error: unknown) => error,
    );
  }

  it('when NATS can’t be reached', async () => {
    expect(explainStartProblem(await refusalBy(await freePort()))).toBe(
      "NATS at 127.0.0.1:4222 can't be reached (connection refused); start it, or mend NATS_ADDRESS.",
    );
  });

  it('when NATS refuses the password', async () => {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    const port = await freePort();
    const args = ['-a', '127.0.0.1', '-p', String(port), '--user', 'game', '--pass', 'right'];
    const nats = spawn(source.kind === 'binary' ? source.path : '', args);
    await new ChildOutput(nats).prints(/Server is ready/);
    const sentence = explainStartProblem(await refusalBy(port));
    nats.kill('SIGKILL');
    expect(sentence).toBe(
      'NATS at 127.0.0.1:4222 refuses the user or password; put the right ones in NATS_ADDRESS.',
    );
  });

  it('when a port is in use, or may not be opened', () => {
    expect(explainStartProblem({ code: 'EADDRINUSE', port: 80 })).toMatch(/^Port 80 is in use/);
    expect(explainStartProblem({ code: 'EACCES', port: 80 })).toMatch(/^Port 80 may not be opened/);
  });

  it('when the machine has no such address', async () => {
    const server = createServer().listen({ host: '192.0.2.1', port: 0 });
    const [error] = (await once(server, 'error')) as [unknown];
    expect(explainStartProblem(error)).toBe(
      'This machine has no address 192.0.2.1 to listen on; mend LISTEN_HOST.',
    );
  });

  it('when a file of certificates is not there, or a folder stands in its place', () => {
    const given = { NATS_TLS_CA: tmpdir(), AGONES_TLS_FOLDER: '/nowhere/agones' };
    Object.assign(process.env, given);
    requireVariables([]);
    const told = [() => tlsOptions(true, tmpdir()), () => readFileSync('/nowhere/agones/tls.crt')].map(
      (read) => {
        try {
          return read();
        } catch (error) {
          return explainStartProblem(error);
        }
      },
    );
    for (const name of Object.keys(given)) delete process.env[name];
    requireVariables([]);
    expect(told).toEqual([
      expect.stringMatching(/^The file of NATS_TLS_CA can't be read \(EISDIR/),
      expect.stringMatching(/^A file in the folder of AGONES_TLS_FOLDER can't be read \(ENOENT/),
    ]);
  });

  it('when NATS refuses or is too old, and when another database refuses', () => {
    expect(explainStartProblem(new StorageProblem('PostgreSQL refuses.', 'PostgreSQL'))).toBe(
      'PostgreSQL refuses.',
    );
    for (const problem of [new StorageProblem('NATS refuses.'), new NatsTooOld('NATS refuses.')])
      expect(explainStartProblem(problem)).toMatch(/^NATS refuses\. \(NATS_ADDRESS: /);
  });

  it('when its module forgets ServerModule', async () => {
    const app = await NestFactory.createApplicationContext({ module: class {} }, { logger: false });
    const look = (): unknown => app.get(WorkLeft);
    expect(look).toThrow();
    try {
      look();
    } catch (error) {
      expect(explainStartProblem(error)).toMatch(/does not import ServerModule/);
    }
    await app.close();
  });

  it('but not when it is a bug, which needs its stack', () => {
    expect(explainStartProblem(new TypeError('x is not a function'))).toBeUndefined();
  });

  it.each(hostileErrors)('and is told without another error where a game’s code throws %s', (_, make) => {
    expect(describeStartProblem(make())).toMatch(/\S/);
  });

  it('and is told with the stack of what was thrown, or the value where it is no error', () => {
    expect(describeStartProblem(new TypeError('x is not a function'))).toMatch(
      /^TypeError: x is not a function\n +at /,
    );
    expect(describeStartProblem(null)).toBe('Thrown: null');
    expect(describeStartProblem({ code: 'EADDRINUSE', port: 80 })).toMatch(/^Port 80 is in use/);
  });
});
