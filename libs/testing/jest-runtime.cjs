const { statSync } = require('node:fs');
const { dirname, sep } = require('node:path');
const { default: Runtime } = require('jest-runtime');
const { compileShared, functionIn } = require('./shared-script.cjs');

const packages = `${sep}node_modules${sep}`;
const parameters = ['module', 'exports', 'require', '__dirname', '__filename'];

/** The file that a request of a file leads to, for all test files of this worker; '' where Jest has to look each time. */
const filesOfRequests = new Map();
/** The code of a file, and where its source map is; null where Jest has to run it. With when it was written, for what is not of a package. */
const codeOfFiles = new Map();

/**
 * Jest finds, reads and transforms each module anew for each test file, at a third of a millisecond each, and a test file that loads Nest loads
 * a thousand files of packages, and some hundred sources. A worker's files don't change meanwhile, so it finds each one once, and keeps their code.
 * Their modules stay those of one test file (decision 365).
 */
module.exports = class SharedCode extends Runtime {
  requireModule(from, moduleName, options, isRequireActual) {
    const context = this._environment.getVmContext();
    const file = moduleName && context && this.fileOf(from, moduleName);
    if (!file) return super.requireModule(from, moduleName, options, isRequireActual);
    const registry = options?.isInternalModule
      ? this.registries.getInternalCjsRegistry()
      : this.registries.getActiveCjsRegistry();
    const known = registry.get(file);
    if (known) return known.exports;
    const code = this.codeOf(file, options);
    if (!code) return super.requireModule(file, undefined, options, isRequireActual);
    const module = this.newModule(file, registry.get(from), options);
    registry.set(file, module);
    try {
      const { exports, require, path } = module;
      functionIn(context, code.script).call(exports, module, exports, require, path, file);
    } catch (error) {
      registry.delete(file);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  fileOf(from, moduleName) {
    const request = `${from}\0${moduleName}`;
    const known = filesOfRequests.get(request);
    if (known !== undefined) return known;
    const file = this.findFile(from, moduleName);
    filesOfRequests.set(request, file);
    return file;
  }

  /** @throws Error of Jest, which isn't kept, where there is none */
  findFile(from, moduleName) {
    const { _resolution: resolution } = this;
    const isOfJest =
      resolution.isCoreModule(moduleName) ||
      resolution.getModule(moduleName) ||
      resolution.getCjsMockModule(from, moduleName);
    return isOfJest ? '' : resolution.resolveCjs(from, moduleName);
  }

  codeOf(file, options) {
    if (!/\.(c?js|ts)$/.test(file) || file === this._testPath) return null;
    const writtenAt = file.includes(packages) ? 0 : statSync(file).mtimeMs;
    let known = codeOfFiles.get(file);
    if (known?.writtenAt !== writtenAt)
      codeOfFiles.set(file, (known = { writtenAt, code: this.compile(file, options) }));
    const { code } = known;
    if (code?.sourceMap) this.transformCache.sourceMaps.set(file, code.sourceMap);
    return code;
  }

  compile(file, options) {
    const code = this.transformCache.transform(file, options);
    // A script can't pass `import()` on to the test file that asks, and has no `jest`, which Jest gives each of its modules.
    if (code.includes('import(') || (!file.includes(packages) && /\bjest\b/.test(code))) return null;
    try {
      const script = compileShared(code, parameters, file);
      return { script, sourceMap: this.transformCache.sourceMaps.get(file) };
    } catch {
      // Jest says what is wrong with it.
      return null;
    }
  }

  newModule(file, parent, options) {
    const path = dirname(file);
    const module = {
      children: [],
      exports: {},
      filename: file,
      id: file,
      isPreloading: false,
      loaded: false,
      parent: parent ?? null,
      path,
      paths: this._resolution.getModulePaths(path),
    };
    return Object.assign(module, { require: this.requireBuilder.for(module, options) });
  }
};
