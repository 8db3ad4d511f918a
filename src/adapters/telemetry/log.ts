import { type Logger, pino } from 'pino'
import { withoutCardNumbers } from '../../core/payment/card-number.ts'
import type { Telemetry, TelemetryEvent } from '../../ports/telemetry.ts'
import { atEndOfTurn } from '../system/turn.ts'
import { lineFor, type LogLevel, type LogLine } from './log-lines.ts'

/** Lines that wait for the end of a turn. */
const LINES_MAX = 1_000

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
  readonly #output: Output | undefined
  /** Of this turn of the event loop. */
  readonly #lines: LogLine[] = []

  constructor(options: LogOptions = {}) {
    const { level = 'info', format = 'json', write } = options
    this.#output = write === undefined ? pino.destination(OUTPUT) : undefined
    const emit = write ?? ((line: string) => this.#output?.write(line))
    // The last step before the line leaves: whatever went wrong before, no card number passes.
    const sink = {
      write: (line: string) => emit(withoutCardNumbers(format === 'text' ? textOf(line) : line)),
    }
    this.#pino = pino(
      {
        level,
        base: null,
        // As text: milliseconds of the epoch are thirteen digits, which is how a card number begins to look.
        timestamp: isoTime(),
        formatters: { level: label => ({ level: label }) },
        messageKey: 'event',
      },
      sink,
    )
  }

  record(event: TelemetryEvent): void {
    try {
      const line = lineFor(event)
      if (line === undefined || !this.#pino.isLevelEnabled(line.level)) return
      if (this.#lines.push(line) === 1) atEndOfTurn(() => this.#writeLines())
      else if (this.#lines.length >= LINES_MAX) this.#writeLines()
    } catch {
      // A line of log must never decide about a payment.
    }
  }

  /** Many at a time, which costs a fraction of writing each where it came up. */
  #writeLines(): void {
    for (const { level, fields, message } of this.#lines.splice(0)) {
      try {
        this.#pino[level](fields, message)
      } catch {
        // Nobody to tell it to.
      }
    }
  }

  /** Sends off what is buffered, now and then while it is quiet. Waits for nobody. */
  flush(): void {
    try {
      this.#writeLines()
      this.#output?.flush()
    } catch {
      // Nothing to write to any more.
    }
  }

  /** Writes out what is buffered before the process ends. Gives up after `withinMs` when nobody reads it. */
  async close(withinMs: number): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, withinMs)
    try {
      this.#writeLines()
      this.#output?.flush(() => resolve())
      if (this.#output !== undefined) await ended
    } catch {
      // Nothing to write to any more.
    } finally {
      clearTimeout(timer)
    }
  }
}

type Output = ReturnType<typeof pino.destination>

/**
 * Buffered, because a system call per line costs more than the line. Not in this thread, and bounded: whoever reads
 * the log may fall behind or stop, and then lines are lost, but no payment waits.
 */
const OUTPUT = { sync: false, minLength: 8_192, maxLength: 8_388_608 }

/** The time as pino wants it. Many lines are written within one millisecond. */
function isoTime(): () => string {
  let at = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== at) text = `,"time":"${new Date(now).toISOString()}"`
    at = now
    return text
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
