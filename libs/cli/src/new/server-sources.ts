import type { GameChanges } from './game-changes.js';
import { pascalCase } from './words.js';

/** The app, its controller and a test that starts it as a process. */
export function addServerSources(changes: GameChanges, type: string): void {
  const name = pascalCase(type);
  changes.createFile(
    `apps/${type}/src/main.ts`,
    `import '#game/environment.js';
import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('./${type}.module.js')).${name}Module });
`,
  );
  changes.createFile(
    `apps/${type}/src/${type}.module.ts`,
    `import { Module } from '@nestjs/common';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { ${name}Controller } from '#game/${type}/${type}.controller.js';

@Module({ imports: [ServerModule, RpcModule.forRoot()], controllers: [${name}Controller] })
export class ${name}Module {}
`,
  );
  addController(changes, type);
  changes.createFile(`apps/${type}/test/${type}.e2e.ts`, serverTest(type));
}

/** An empty controller of a server type, where it has none. */
export function addController(changes: GameChanges, type: string): string {
  const file = `game/src/${type}/${type}.controller.ts`;
  changes.createFile(
    file,
    `import { Controller } from '@nestjs/common';

/** The handlers of \`${type}\`, for players and for servers. */
@Controller()
export class ${pascalCase(type)}Controller {}
`,
  );
  return file;
}

const serverTest = (
  type: string,
): string => `import { type GameNats, startGameNats, startServer } from '@ccgame/testing';

describe('the ${type} server', () => {
  let nats: GameNats;
  beforeAll(async () => {
    nats = await startGameNats();
  });
  afterAll(() => nats.destroy());

  it('starts, is ready, and stops when it is asked to', async () => {
    const where = { root: process.cwd(), nats, logFolder: nats.folder };
    const server = await startServer({ ...where, serverType: '${type}', version: '1.0.0000' });
    await server.process.untilReady();
    expect(await server.process.stop()).toBe('exit code 0');
  });
});
`;
