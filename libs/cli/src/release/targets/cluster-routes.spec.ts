import { join } from 'node:path';
import { drainVersion, firstTable } from '@ccgame/releases';
import type { Manifest } from '../render/manifest.js';
import { renderRoutes } from '../render/routes.js';
import { readTemplate } from '../render/template.js';
import { ClusterRoutes } from './cluster-routes.js';
import type { Kubectl } from './kubectl.js';
import { KubectlTarget } from './kubectl-target.js';
import type { Route } from './refused-routes.js';

const template = readTemplate(join('k8s', 'release'));
const table = firstTable('production', '1.0.0000');
const timeouts = 'Timeouts are not supported';
const refused = { type: 'Accepted', status: 'False', reason: 'UnsupportedValue', message: timeouts };

/** As `ccgame release check` tells of them. */
describe('the routes in a cluster', () => {
  /** Each as the table asks for it, with what the controller of its Gateway says of one of them: at one look after the other. */
  function problemsOf(looks: object[][], name = 'https'): Promise<string[]> {
    const rendered = renderRoutes(template, table);
    const listed = (): Route[] => {
      const conditions = (looks.length > 1 ? looks.shift() : looks[0]) ?? [];
      return rendered.map((route) => {
        const said = route.metadata.name === name ? conditions : [{ type: 'Accepted', status: 'True' }];
        const metadata = { ...route.metadata, generation: 2 };
        const parents = [{ parentRef: { name: 'game' }, conditions: said }];
        return { ...route, metadata, status: { parents } } as Route;
      });
    };
    const run = (args: string[]): Promise<string> =>
      Promise.resolve(
        args.at(-1) === 'json'
          ? JSON.stringify({ items: listed() })
          : rendered.map(({ metadata }) => `httproute.gateway.networking.k8s.io/${metadata.name}`).join('\n'),
      );
    return new ClusterRoutes(template, { run } as unknown as Kubectl, 1).findProblems(table);
  }

  it('are well where they say what the table says, and their Gateway takes them', async () => {
    const taken = ['Accepted', 'ResolvedRefs'].map((type) => ({ type, status: 'True' }));
    expect(await problemsOf([[...taken, { type: 'PartiallyInvalid', status: 'False' }]])).toEqual([]);
  });

  it.each([
    ['refused, as GKE does with timeouts', refused, `Accepted is False (UnsupportedValue: ${timeouts})`],
    [
      'without servers',
      { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound' },
      'ResolvedRefs is False (BackendNotFound)',
    ],
    [
      'followed in part',
      { type: 'PartiallyInvalid', status: 'True', reason: 'UnsupportedValue', message: 'rule 2' },
      'PartiallyInvalid is True (UnsupportedValue: rule 2)',
    ],
  ])('are told where one is %s', async (_, condition, said) => {
    // A controller has conditions of its own beside these.
    expect(await problemsOf([[{ type: 'Reconciled', status: 'False' }, condition]])).toEqual([
      `The Gateway game does not follow the HTTPRoute https: ${said}.`,
    ]);
  });

  it.each([
    [
      'beside those of its own',
      'ingress.networking.k8s.io/https\n',
      [expect.stringContaining('https. Where nobody comes')],
    ],
    ['and knows none of that dialect', new Error("doesn't have a resource type"), []],
  ])('are told where another dialect left some, %s', async (_, listed, expected) => {
    const asked: string[][] = [];
    const run = (args: string[]): Promise<string> => {
      asked.push(args);
      return listed instanceof Error ? Promise.reject(listed) : Promise.resolve(listed);
    };
    const target = new KubectlTarget(template, { run } as unknown as Kubectl);
    expect(await target.routeLimits(table)).toEqual(expected);
    expect(asked).toEqual([['get', 'ingress', '-l', 'app=https,env=production', '-o', 'name']]);
  });

  it('are told one by one: each version has its own', async () => {
    expect(await problemsOf([[refused]], 'https-v100000')).toEqual([
      expect.stringContaining('does not follow the HTTPRoute https-v100000'),
    ]);
  });

  it('are looked at again, as a controller may not have seen a change of just now', async () => {
    expect(await problemsOf([[refused], [{ type: 'Accepted', status: 'True' }]])).toEqual([]);
    expect(await problemsOf([[{ ...refused, observedGeneration: 2 }]])).toEqual([
      expect.stringMatching(/not supported\)\.$/),
    ]);
    expect(await problemsOf([[{ ...refused, observedGeneration: 1 }]])).toEqual([
      expect.stringContaining('before its last change, which it has not looked at yet'),
    ]);
  });
});

/** By a kubectl that notes what it is told. A controller holds what was deleted, by a finalizer, for as long as it is there at these looks. */
describe('routes that are to go', () => {
  const minute = 60_000;
  const name = 'httproute.gateway.networking.k8s.io/https-v100001';
  const both = firstTable('production', '1.0.0000', ['1.0.0001']);
  const wanted = renderRoutes(template, both);
  const ending = (which: string): Manifest => {
    const route = wanted.find(({ metadata }) => metadata.name === which) as Manifest;
    const metadata = { ...route.metadata, deletionTimestamp: '2026-11-30T03:00:00Z' };
    return { ...route, metadata };
  };
  let told: string[];
  let printed: string[];
  /** The clock at each look at a route that is held; it is gone at the next one. */
  let looks: number[];
  /** Other routes that are there. */
  let others: Manifest[];
  let kubectl: Kubectl;
  let routes: ClusterRoutes;

  beforeEach(() => {
    [told, printed, looks, others] = [[], [], [], []];
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    const run = (args: string[], input = ''): Promise<string> => {
      told.push(`${args.join(' ')}\n${input}`.trim());
      if (args[0] === 'delete') return Promise.resolve('httproute "https-v100001" deleted');
      if (args[0] !== 'get') return Promise.resolve('');
      if (args[1] === 'cronjob') return Promise.resolve('{ "items": [] }');
      const at = looks.shift();
      now = at ?? now;
      const items = at === undefined ? others : [...others, ending('https-v100001')];
      if (args.at(-1) === 'json') return Promise.resolve(JSON.stringify({ items }));
      const names = items.map((one) => `httproute.gateway.networking.k8s.io/${one.metadata.name}\n`);
      return Promise.resolve(names.join(''));
    };
    kubectl = { run } as unknown as Kubectl;
    routes = new ClusterRoutes(template, kubectl);
  });
  afterEach(() => jest.restoreAllMocks());

  const deletions = (): string[] => told.filter((command) => command.startsWith('delete'));

  it('are waited for by the command itself, which says each minute that they are held', async () => {
    looks = [0, minute];
    expect(await routes.removeRoutes('1.0.0001')).toBe(true);
    expect(deletions()).toEqual([
      expect.stringContaining('version=1.0.0001 --ignore-not-found --wait=false'),
    ]);
    expect(printed).toEqual([
      expect.stringMatching(
        /^The cluster still has routes of 1\.0\.0001 after 1 min: a finalizer holds them/,
      ),
    ]);
  });

  it('are given up after half an hour, and the servers behind them run on', async () => {
    looks = [0, 31 * minute];
    await expect(routes.removeRoutes('1.0.0001')).rejects.toThrow(
      /after 31 min: a finalizer .* Servers run on; the same command once more goes on\.$/,
    );
  });

  it('hold up nothing that follows the table after them, as the jobs do', async () => {
    looks = [0];
    await routes.followTable(table);
    expect(deletions()).toEqual([`delete --ignore-not-found --wait=false ${name}`]);
  });

  it('hold up nobody where the version has new ones meanwhile, as after a rollback', async () => {
    others = wanted;
    expect(await routes.removeRoutes('1.0.0001')).toBe(true);
  });

  it('are made anew once they are gone, where the table asks for them again, and the jobs follow before', async () => {
    others = renderRoutes(template, table);
    looks = [0, 0, minute];
    await new KubectlTarget(template, kubectl).follow(both);
    const changesAndJobs = told.filter((command) => /^(apply|delete|get cronjob)/.test(command));
    expect(changesAndJobs).toEqual([
      expect.stringMatching(/^apply -f -/),
      expect.stringMatching(/^get cronjob /),
      expect.stringMatching(/^ {2}name: https-v100001$/m),
    ]);
    expect(told.at(-1)?.match(/^kind: HTTPRoute$/gm)).toHaveLength(1);
    expect(printed).toEqual([
      expect.stringMatching(
        /^The cluster still has routes that were deleted and are wanted again \(https-v100001\) after 1 min/,
      ),
    ]);
  });

  it('are told by check where the table asks for them, and are left alone where all stay', async () => {
    others = wanted.map((route) =>
      route.metadata.name === 'https-v100001' ? ending('https-v100001') : route,
    );
    expect(await routes.findProblems(both)).toEqual([
      'The HTTPRoute https-v100001 is being deleted, and the table asks for it.',
    ]);
    // A version that drains is being retired, which deletes its routes.
    await routes.bringBack(drainVersion('1.0.0001')(both));
    others = wanted;
    await routes.bringBack(both);
    expect(told.filter((command) => command.startsWith('apply'))).toEqual([]);
  });
});
