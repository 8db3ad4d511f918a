import type { Telemetry } from '../../ports/telemetry.ts'

/** Tells each of them. One that breaks the port's promise and throws does not keep the others from hearing. */
export function fanOut(...listeners: readonly Telemetry[]): Telemetry {
  return {
    record(event) {
      for (const listener of listeners) {
        try {
          listener.record(event)
        } catch {
          // See the port: what cannot be recorded is dropped.
        }
      }
    },
  }
}
