import { MemoryCache } from '../adapters/memory/cache.ts'
import { opossumBreaker } from '../adapters/opossum/breaker.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemRandom } from '../adapters/system/random.ts'
import type { Config } from '../config/schema.ts'
import type { Secrets } from '../config/secrets.ts'
import { Estimates } from '../gateway/estimates.ts'
import { recover, type RecoverCommand, type RecoverReport } from '../gateway/recover.ts'
import type { Gateway } from '../gateway/runtime.ts'
import { type JournalPlace, openJournal } from './journal.ts'
import { NodeOutside } from './node-outside.ts'
import { breakerSettings } from './outside.ts'
import { buildGeneration } from './runtime.ts'

export interface RecoveryOptions extends JournalPlace {
  readonly config: Config
  readonly version: string
  readonly secrets: Secrets
}

/** Runs one step of a recovery on the journal itself, with nothing else of a gateway running. */
export async function runRecovery(options: RecoveryOptions, command: RecoverCommand): Promise<RecoverReport> {
  const { config, version, secrets } = options
  const clock = systemClock
  const random = systemRandom()
  const { journal } = await openJournal(options, clock)
  const outside = new NodeOutside(clock)
  try {
    const { runtime, settings } = buildGeneration(config, version, secrets, outside)
    const routes = [...runtime.routes.values()].map(({ route }) => route)
    const gateway: Gateway = {
      ports: {
        clock,
        random,
        journal,
        cache: new MemoryCache({ clock }),
        breaker: opossumBreaker({ clock, random, settings: route => breakerSettings(config, route) }),
        telemetry: { record: () => undefined },
        estimator: new Estimates(routes),
      },
      settings,
      runtime: () => runtime,
    }
    return await recover(gateway, command)
  } finally {
    await journal.close()
    await outside.close()
  }
}
