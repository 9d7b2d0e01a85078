import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';

type Answer = () => unknown;

const compile = (code: string, context: vm.Context, filename = '/nowhere/shared.js'): Answer =>
  vm.compileFunction(code, [], { filename, parsingContext: context }) as Answer;

describe('the code of a file that several test files load', () => {
  const contexts = ['one', 'other'].map((name) => vm.createContext({ name }));

  it('is compiled once', () => {
    for (const context of contexts) compile('return 0', context);
    const ran = jest.spyOn(vm.Script.prototype, 'runInContext');
    for (const context of contexts) compile('return name; // once', context);
    const [first, second, ...others] = ran.mock.contexts;
    ran.mockRestore();
    expect([first === second, others]).toEqual([true, []]);
  });

  it('sees the globals of the test file alone that loads it', () => {
    expect(contexts.map((context) => compile('return name', context)())).toEqual(['one', 'other']);
    expect(contexts.map((context) => compile('return [] instanceof Array', context)())).toEqual([true, true]);
    expect(compile('return []', contexts[0])()).not.toBeInstanceOf(Array);
  });

  it('asks the test file for a built-in object once, and may name something of its own like one', () => {
    let asked = 0;
    const globals = {};
    Object.defineProperty(globals, 'Math', { get: () => ((asked += 1), Math) });
    const context = vm.createContext(globals);
    const code = 'let sum = 0; for (let i = 0; i < 100; i += 1) sum += Math.abs(-1); return sum';
    expect([compile(code, context)(), compile(code, context)(), asked]).toEqual([100, 100, 1]);
    expect(compile('const Map = 1; class Error {} return [Map, typeof Error]', context)()).toEqual([
      1,
      'function',
    ]);
  });

  it('sees a clock that the test file replaces', () => {
    const context = vm.createContext({});
    const ask = compile('return Date', context);
    ask();
    Object.assign(context, { Date: 'replaced' });
    expect(ask()).toBe('replaced');
  });

  it.each(['Math', 'Promise', 'Buffer', 'process'])(
    'refuses that a test replaces %s, which no code would see, and takes the same one again',
    (name) => {
      const own: unknown = Reflect.get(globalThis, name);
      expect(() => Object.assign(globalThis, { [name]: Object.create(own as object) })).toThrow(
        `jest.spyOn(${name}, `,
      );
      expect(Reflect.get(globalThis, name)).toBe(own);
      Object.assign(globalThis, { [name]: own });
    },
  );

  it('sees a method of a built-in object that a test replaces', () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.25);
    expect([Math.random(), globalThis.Math.random()]).toEqual([0.25, 0.25]);
    random.mockRestore();
  });

  it('is compiled anew where it has changed', () => {
    expect(['return 1', 'return 2'].map((code) => compile(code, contexts[0])())).toEqual([1, 2]);
  });

  it('says in a stack where it is, on its first line too', () => {
    const code = 'throw new Error("here")';
    const stackOf = (): unknown => {
      try {
        return compile(code, contexts[0], '/nowhere/thrown.js')();
      } catch (error) {
        return (error as Error).stack;
      }
    };
    expect(stackOf()).toContain('/nowhere/thrown.js:1:7');
  });

  it('says where its syntax is wrong', () => {
    expect(() => compile('return (', contexts[0])).toThrow(/Unexpected token/);
  });
});

describe('a storage of what is asynchronous', () => {
  const { compileFunction } = vm;
  const { run, enterWith } = AsyncLocalStorage.prototype;
  afterEach(() => {
    vm.compileFunction = compileFunction;
    Object.assign(AsyncLocalStorage.prototype, { run, enterWith });
  });

  it('is switched off with the test file that used it', async () => {
    type TestFile = new (config: object, context: object) => { teardown: () => Promise<void> };
    const Environment = jest.requireActual<TestFile>('../jest-environment.cjs');
    const projectConfig = { rootDir: '/nowhere', globals: {}, testEnvironmentOptions: {}, fakeTimers: {} };
    const environment = new Environment(
      { projectConfig, globalConfig: {} },
      { testPath: '/nowhere/a.spec.ts' },
    );
    const storage = new AsyncLocalStorage<string>();
    const seen = await storage.run('a request', async () => {
      const before = storage.getStore();
      await environment.teardown();
      return [before, storage.getStore()];
    });
    expect(seen).toEqual(['a request', undefined]);
  });
});
