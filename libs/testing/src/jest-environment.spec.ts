import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';

type Answer = () => unknown;

const compile = (code: string, context: vm.Context, filename = '/nowhere/shared.js'): Answer =>
  vm.compileFunction(code, [], { filename, parsingContext: context }) as Answer;

describe('the code of a file that several test files load', () => {
  const contexts = ['one', 'other'].map((name) => vm.createContext({ name }));

  it('is compiled once', () => {
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
