// A process of its own: `node play-in-build.js <build> <recording>`. It plays the recording with the classes and the framework of
// that build, and none of this one's. The last line that it prints is the result as JSON.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exitPrinted } from '../exit-printed.js';
import type * as Entities from '@ccgame/entities';

type EntityClasses = Entities.EntitiesOptions['entities'];

interface ImportedModule {
  providers?: { provide?: unknown; useValue?: Partial<Entities.EntitiesOptions> }[];
}

const [, , folder, file] = process.argv;
const load = (path: string): Promise<unknown> => import(pathToFileURL(path).href);
const entitiesFile = createRequire(join(folder, 'package.json')).resolve('@ccgame/entities');
const { readRecording, replayRecording } = (await load(entitiesFile)) as typeof Entities;

const recording = readRecording(readFileSync(file));
const { serverType, version } = recording.head;
Object.assign(process.env, {
  SERVER_ID: `${serverType}-replay-0`,
  SERVER_TYPE: serverType,
  VERSION: version,
});
const variables = join(folder, 'dist', 'game', 'src', 'environment.js');
if (existsSync(variables)) await load(variables);
const result = replayRecording(await findClasses(serverType), recording);
process.stdout.write(
  `\n${JSON.stringify({ ...result, head: { ...recording.head, checkpoint: undefined } })}\n`,
);
await exitPrinted(0);

/** Those of the type's `EntitiesModule.forRoot`, as Nest's decorator left it at the module. */
async function findClasses(type: string): Promise<EntityClasses> {
  const sources = join(folder, 'dist', 'apps', type, 'src');
  const names = existsSync(sources) ? readdirSync(sources).filter((name) => name.endsWith('.module.js')) : [];
  const exported: unknown[] = [];
  for (const name of names)
    exported.push(...Object.values((await load(join(sources, name))) as Record<string, unknown>));
  const modules = exported.filter((one) => typeof one === 'function').flatMap(importsOf);
  const classes = modules.flatMap(({ providers = [] }) => providers).flatMap(entitiesIn);
  if (classes.length === 0)
    throw new Error(`apps/${type} has no module with EntitiesModule.forRoot, or isn't built.`);
  return classes;
}

function importsOf(one: object): ImportedModule[] {
  return (Reflect.getMetadata('imports', one) as ImportedModule[] | undefined) ?? [];
}

function entitiesIn({
  provide,
  useValue,
}: {
  provide?: unknown;
  useValue?: Partial<Entities.EntitiesOptions>;
}): EntityClasses {
  return String(provide) === 'Symbol(ENTITIES_OPTIONS)' ? (useValue?.entities ?? []) : [];
}
