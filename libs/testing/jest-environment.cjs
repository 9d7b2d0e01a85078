const { AsyncLocalStorage } = require('node:async_hooks');
const { appendFileSync, readFileSync } = require('node:fs');
const { join, relative } = require('node:path');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');
const { compileShared, functionIn } = require('./shared-script.cjs');

const compileAlone = vm.compileFunction;
/** The compiled code of each file that this worker has loaded, by its path. */
const compiledFiles = new Map();

/**
 * Jest compiles each module anew for each test file, which was a third of what this suite's workers did: V8 keeps nothing of
 * `vm.compileFunction`. A `vm.Script` runs in any number of contexts; the modules of a test file stay its own.
 */
vm.compileFunction = function compileFunction(code, parameters, options) {
  // A script can't pass `import()` on to the test file that asks.
  if (!options?.parsingContext || code.includes('import(')) return compileAlone(code, parameters, options);
  return functionIn(options.parsingContext, scriptOf(code, parameters, options.filename));
};

function scriptOf(code, parameters, filename) {
  const names = parameters.join();
  const known = compiledFiles.get(filename);
  if (known?.code === code && known.names === names) return known.script;
  const script = compileShared(code, parameters, filename);
  compiledFiles.set(filename, { code, names, script });
  return script;
}

/** Those of the test file that runs. */
const usedStorages = new Set();

/**
 * Node asks each storage that was used at each promise of the process, until it is switched off. Every test file has its own, of the modules that
 * it loads: after a hundred files a promise took 0.3 ms.
 */
for (const name of ['run', 'enterWith']) {
  const useStorage = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function noteStorage(...given) {
    usedStorages.add(this);
    return useStorage.apply(this, given);
  };
}

function switchStoragesOff() {
  for (const storage of usedStorages) storage.disable();
  usedStorages.clear();
}

/** For what the test files of a worker have in common and is dear to find, as the path of nats-server: by name. */
const found = new Map();

/** Seconds of this worker and those of its processes that have ended; NaN where the system does not tell. Source: proc_pid_stat(5). */
function usedCpu() {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // utime, stime, cutime and cstime, in hundredths.
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return NaN;
  }
}

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global[Symbol.for('ccgame.found')] = found;
    this.file = relative(config.projectConfig.rootDir, context.testPath);
    this.cpuFile = join(config.projectConfig.rootDir, '.ccgame', 'test-cpu.tsv');
    this.cpuBefore = usedCpu();
  }

  /** Leaves a line for `npm test`, which names the files that take the most. */
  async teardown() {
    await super.teardown();
    switchStoragesOff();
    const cpu = usedCpu() - this.cpuBefore;
    try {
      if (!Number.isNaN(cpu)) appendFileSync(this.cpuFile, `${cpu.toFixed(1)}\t${this.file}\n`);
    } catch {
      // Without `npm test` there is no such folder.
    }
  }
};
