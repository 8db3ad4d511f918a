import type { Config } from '../config/schema.ts'
import { DEFAULT_SETTINGS, type GatewaySettings } from '../gateway/runtime.ts'

/** What a lease has to hold beside the slowest exchange: recording it while the journal is slow, and margins. */
const LEASE_SPARE_MS = 7_000

/**
 * The settings that follow from the configuration. A lease covers one send and its recording, and not much more: how
 * long it is, is how long the payments of a process that was killed wait for another to take them over.
 */
export function gatewaySettings(config: Config): GatewaySettings {
  const slowestMs = Math.max(...config.routes.map(({ connector }) => connector.timeoutMs))
  return { ...DEFAULT_SETTINGS, leaseMs: DEFAULT_SETTINGS.sendWindowMs + slowestMs + LEASE_SPARE_MS }
}
