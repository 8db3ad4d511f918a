import { withoutCardNumbers } from '../../core/payment/card-number.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Telemetry, TelemetryEvent } from '../../ports/telemetry.ts'
import { lineFor, LOG_LEVELS, type LogLevel } from './log-lines.ts'

/** The log on Workers, where `console` is the only way out. Same lines as the log of a process. */
export class ConsoleLog implements Telemetry {
  readonly #clock: Clock
  readonly #least: number
  readonly #write: (line: string) => void

  constructor(options: { clock: Clock; level?: LogLevel; write?: (line: string) => void }) {
    this.#clock = options.clock
    this.#least = LOG_LEVELS.indexOf(options.level ?? 'info')
    // oxlint-disable-next-line no-console -- Workers have no other output
    this.#write = options.write ?? (line => console.log(line))
  }

  record(event: TelemetryEvent): void {
    try {
      const line = lineFor(event)
      if (line === undefined || LOG_LEVELS.indexOf(line.level) < this.#least) return
      const time = new Date(this.#clock.now()).toISOString()
      const text = JSON.stringify({ level: line.level, time, ...line.fields, event: line.message })
      this.#write(withoutCardNumbers(text))
    } catch {
      // A line of log must never decide about a payment.
    }
  }
}
