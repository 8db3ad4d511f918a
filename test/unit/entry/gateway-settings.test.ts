import { describe, expect, it } from 'vitest'
import { gatewaySettings } from '../../../src/entry/gateway-settings.ts'
import { sampleConfig } from '../../support/sample-config.ts'

const leaseWith = (timeoutMs: number) =>
  gatewaySettings(
    sampleConfig(input => {
      Object.assign(input.routes[1]?.connector ?? {}, { timeoutMs })
    }),
  ).leaseMs

describe('the lease of a payment', () => {
  it('covers the slowest send and its recording', () => {
    for (const timeoutMs of [3_000, 20_000, 60_000])
      expect(leaseWith(timeoutMs)).toBeGreaterThan(timeoutMs + 10_000)
  })

  it('is short enough that another process takes over within half a minute', () => {
    expect(leaseWith(4_000)).toBeLessThan(20_000)
  })
})
