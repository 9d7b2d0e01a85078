import { spawn } from 'node:child_process';
import { connect } from '@nats-io/transport-node';
import { NestFactory } from '@nestjs/core';
import { ChildOutput, findNats, freePort } from '@ccgame/testing';
import { explainStartProblem } from './start-problem.js';
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
});
