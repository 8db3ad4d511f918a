import { eventText } from '../core/explain/event-texts.ts'
import { Deliveries, type DeliveriesOptions } from '../gateway/deliver.ts'
import { eventItems } from '../gateway/events.ts'
import type { GatewayPorts } from '../gateway/runtime.ts'
import { enableEndpoint, redeliver } from '../gateway/undelivered.ts'
import type { AdminWebhooks } from '../http/admin-webhooks.ts'
import type { BreakerState } from '../ports/breaker.ts'
import type { EventSender } from '../ports/event-sender.ts'
import type { Background } from './background.ts'
import type { Generation } from './runtime.ts'

/** Rest of the deliveries between rounds that found nothing due, ms. */
const DELIVER_REST_MS = 250

/** Events on their way to the tenants' endpoints, and what operators do about those that do not arrive. */
export interface Webhooks {
  readonly admin: AdminWebhooks
  run(background: Background): void
  /** Tells every tenant of a circuit that has opened or closed, each instance for itself. */
  tellBreaker(route: string, state: BreakerState): Promise<void>
  close(): Promise<void>
}

/** Puts the sending of events together, over what the runtime sends with. */
export function composeWebhooks(
  ports: Pick<GatewayPorts, 'journal' | 'clock' | 'random' | 'telemetry'>,
  generation: () => Generation,
  sender: EventSender,
  timers: DeliveriesOptions['timers'] = {},
): Webhooks {
  const { journal, clock, random } = ports
  const deliveries = new Deliveries({ ports, sender, timers, endpoints: () => generation().targets.keys() })
  return {
    admin: {
      views: async () => {
        const { targets } = generation()
        const views = await deliveries.views()
        return views.map(view => ({ ...view, url: targets.get(view.endpoint)?.url ?? '' }))
      },
      enable: async endpoint => {
        await enableEndpoint(journal, endpoint, clock.now())
        deliveries.reconsider(endpoint)
      },
      redeliver: (endpoint, day) => redeliver(journal, endpoint, day, clock.now()),
    },
    run: background => background.loop('webhooks', DELIVER_REST_MS, () => deliveries.round()),
    tellBreaker: async (route, state) => {
      if (state === 'half_open') return
      const [type, note] =
        state === 'open'
          ? (['route.opened', 'route_opened'] as const)
          : (['route.closed', 'route_closed'] as const)
      const event = {
        id: `evt_${random.hex(32)}`,
        type,
        data: { route, text: eventText(note, { subject: route }) },
      }
      await journal.putOutbox(eventItems(generation().runtime.tenants.values(), event, clock.now()))
    },
    close: async () => {
      await deliveries.settled()
      await sender.close()
    },
  }
}
