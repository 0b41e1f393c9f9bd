import { pino } from 'pino'

/** Structured logging through pino: kept fast, JSON lines, levels. The one door to it. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
  /** A logger that adds `component` to every line. */
  child(component: string): Logger
}

export interface LogSink {
  write(line: string): void
}

function wrap(target: pino.Logger): Logger {
  return {
    debug: (message, fields) => target.debug(fields ?? {}, message),
    info: (message, fields) => target.info(fields ?? {}, message),
    warn: (message, fields) => target.warn(fields ?? {}, message),
    error: (message, fields) => target.error(fields ?? {}, message),
    child: (component) => wrap(target.child({ component })),
  }
}

/** Logs JSON lines to every sink. `level` is one of debug, info, warn, error, silent. */
export function createLogger(options: { level: string; sinks: LogSink[] }): Logger {
  const streams = pino.multistream(options.sinks.map((stream) => ({ stream, level: 'debug' as const })))
  return wrap(
    pino(
      {
        level: options.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        serializers: { error: pino.stdSerializers.err },
      },
      streams,
    ),
  )
}

/** Says nothing; for tests. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}
