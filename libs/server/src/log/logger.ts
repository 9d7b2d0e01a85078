import type { LoggerService } from '@nestjs/common';
import { Config, showValue } from '@ccgame/config';
import createDebug from 'debug';
import { pino, type DestinationStream, type Level, type Logger as PinoLogger } from 'pino';
import pretty from 'pino-pretty';
import { contextFields } from './log-context.js';
import { hiddenFields, loggableFields } from './loggable.js';

/** Nest tells each route and module at start; that is for debugging: `DEBUG=ccgame:*`. */
const frameworkContexts = new Set<unknown>([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/**
 * The process's one log: a JSON line an event in production, readable lines elsewhere.
 *
 * Code logs through Nest's own `new Logger('rpc').log({ event: 'rpc.stopped', … })`. Debug lines of a name are written
 * where `DEBUG` names it: `ccgame:rpc`, or `ccgame:*`.
 */
export class JsonLogger implements LoggerService {
  private readonly pino: PinoLogger;
  private isDebugging = false;

  constructor() {
    createDebug.enable(Config.DEBUG);
    this.pino = pino(
      {
        // The names in debug() decide which debug lines are written; pino lets all of them through.
        level: configuredLevel(),
        base: { serverId: Config.SERVER_ID, version: Config.VERSION },
        redact: { paths: hiddenFields.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      Config.isProduction
        ? openDestination()
        : pretty({
            sync: true,
            colorize: process.stdout.isTTY,
            ignore: 'pid,hostname,version,context,event,serverId',
            messageFormat: '{serverId} [{context}] {event} {msg}',
            singleLine: true,
            translateTime: 'HH:MM:ss.l',
          }),
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    if (frameworkContexts.has(rest.at(-1))) this.debug(message, ...rest);
    else this.writeLine('info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.writeLine('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.writeLine('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.writeLine('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    const named = typeof context === 'string' && createDebug.enabled(`ccgame:${context}`);
    if (named || this.isDebugging || Config.LOG_LEVEL === 'debug') this.writeLine('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.debug(message, ...rest);
  }

  /** Writes all debug lines, whatever LOG_LEVEL and DEBUG say; false: as they say. */
  writeAll(isDebugging: boolean): void {
    this.isDebugging = isDebugging;
    this.pino.level = isDebugging ? 'debug' : configuredLevel();
  }

  /** Never throws: the caller is often handling an error already. */
  private writeLine(level: Level, message: unknown, rest: unknown[]): void {
    try {
      this.writeFields(level, message, rest);
    } catch {
      const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
      const isObject = typeof message === 'object' && message !== null;
      const fields = isObject ? loggableFields(message) : { msg: showValue(message) };
      this.pino[level]({ ...fields, context });
    }
  }

  /** Nest's Logger gives the context last, and the stack before it where an error has one. */
  private writeFields(level: Level, message: unknown, rest: unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const details = rest
      .slice(0, context === undefined ? undefined : -1)
      .filter((detail) => detail !== undefined);
    const stack = details.find((detail) => typeof detail === 'string' && detail.includes('\n    at '));
    const err = [message, ...details].find((detail) => detail instanceof Error);
    const fields = {
      ...contextFields(),
      context,
      ...(err && { err }),
      ...(stack !== undefined && { stack }),
    };
    if (message instanceof Error) this.pino[level](fields, message.message);
    else if (typeof message === 'object' && message !== null) this.pino[level]({ ...fields, ...message });
    else this.pino[level](fields, String(message));
  }
}

/** Lines that can't be written wait up to so many characters; those after them are lost. */
const longestBacklog = 1024 * 1024;

/** A full disk under the log, or a terminal that closed, is no reason for a server to fail: it serves on without lines. */
function openDestination(): DestinationStream {
  const destination = pino.destination({ sync: true, maxLength: longestBacklog });
  destination.on('error', () => undefined);
  return destination;
}

function configuredLevel(): string {
  return Config.LOG_LEVEL === 'info' ? 'debug' : Config.LOG_LEVEL;
}
