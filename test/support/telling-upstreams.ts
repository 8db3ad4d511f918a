import type { UpstreamResult } from '../../src/core/payment/outcome.ts'
import type { Payment } from '../../src/core/payment/payment.ts'
import { receiveNotification } from '../../src/gateway/notify.ts'
import { resolveDue } from '../../src/gateway/resolve.ts'
import type { NotificationReader } from '../../src/ports/connector.ts'
import { approved } from './evidence.ts'
import { buildTestGateway, cardRoutes, type TestGateway } from './gateway.ts'
import type { ConnectorScript } from './scripted-connector.ts'

export interface Told {
  readonly reference: string
  /** Named beside it. */
  readonly payment?: string
  readonly result?: UpstreamResult
  readonly eventId?: string
  readonly route?: string
}

/** A gateway on two routes whose upstreams tell what the test says. */
export function upstreamsOf(script: ConnectorScript, queryable = true, retentionHours = 24) {
  let told: Told | undefined
  let events = 0
  const notifications: NotificationReader = {
    read: async (_headers, _body, at) => {
      const { reference = '', result = approved(), payment, eventId = `evt_${++events}` } = told ?? {}
      const evidence = { reference, source: 'notification' as const, result, at }
      return { kind: 'claim', claim: { eventId, evidence, ...(payment === undefined ? {} : { payment }) } }
    },
  }
  const test = buildTestGateway({
    notifications,
    routes: cardRoutes().map(({ capability, ...route }) => ({
      ...route,
      capability: {
        ...capability,
        queryable,
        idempotency: { ...capability.idempotency, retentionHours },
      },
    })),
    connectorScripts: { card_a: script },
  })
  const tell = (next: Told) => {
    told = next
    return receiveNotification(test.gateway, test.facts, next.route ?? 'card_a', {}, new Uint8Array())
  }
  return { test, tell }
}

export const current = async ({ gateway }: TestGateway, { id }: Payment): Promise<Payment> =>
  (await gateway.ports.journal.find('demo', id))?.payment as Payment

export async function rounds(test: TestGateway, count: number, everyMs: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    await test.clock.advance(everyMs)
    await resolveDue(test.gateway, test.facts)
  }
}
