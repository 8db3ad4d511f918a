import { type Logger, pino, stdTimeFunctions } from 'pino'
import { withoutCardNumbers } from '../../core/payment/card-number.ts'
import type { Telemetry, TelemetryEvent } from '../../ports/telemetry.ts'
import { lineFor, type LogLevel } from './log-lines.ts'

export interface LogOptions {
  readonly level?: LogLevel
  /** `json`: one object per line. `text`: for people at a terminal. */
  readonly format?: 'json' | 'text'
  /** Standard output by default. */
  readonly write?: (line: string) => void
}

/** The log of a Node process, by pino. */
export class Log implements Telemetry {
  readonly #pino: Logger
  readonly #flush: () => void

  constructor(options: LogOptions = {}) {
    const { level = 'info', format = 'json', write } = options
    // Buffered, because a system call per line costs more than the line.
    const out = write === undefined ? pino.destination({ sync: false, minLength: 4_096 }) : undefined
    const emit = write ?? ((line: string) => out?.write(line))
    this.#flush = () => out?.flushSync()
    // The last step before the line leaves: whatever went wrong before, no card number passes.
    const sink = {
      write: (line: string) => emit(withoutCardNumbers(format === 'text' ? textOf(line) : line)),
    }
    this.#pino = pino(
      {
        level,
        base: null,
        // As text: milliseconds of the epoch are thirteen digits, which is how a card number begins to look.
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: label => ({ level: label }) },
        messageKey: 'event',
      },
      sink,
    )
  }

  record(event: TelemetryEvent): void {
    try {
      const line = lineFor(event)
      if (line !== undefined) this.#pino[line.level](line.fields, line.message)
    } catch {
      // A line of log must never decide about a payment.
    }
  }

  /** Writes out what is buffered; before the process ends, and now and then while it is quiet. */
  flush(): void {
    try {
      this.#flush()
    } catch {
      // Nothing to write to yet.
    }
  }
}

/** `12:30:01.123 info  decision tenant=demo outcome=routed` */
function textOf(line: string): string {
  const { level, time, event, ...fields } = JSON.parse(line) as Record<string, unknown>
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${printable(value)}`)
  return `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${String(event)} ${pairs.join(' ')}\n`
}

/** Quoted when it holds anything that could be taken for another field or another line. */
function printable(value: unknown): string {
  const text = String(value)
  return /^[\w.,:/-]*$/.test(text) ? text : JSON.stringify(text)
}
