import { BREAKER_DEFAULTS, type BreakerSettings } from '../adapters/breaker/circuit.ts'
import { HttpConnector } from '../adapters/connectors/http/connector.ts'
import { HttpEligibilityProvider } from '../adapters/connectors/http/eligibility.ts'
import { HttpFactSource } from '../adapters/connectors/http/source.ts'
import { HttpNotifications } from '../adapters/connectors/http/notifications.ts'
import { FetchStreamer } from '../adapters/http-stream/fetch.ts'
import type { Config } from '../config/schema.ts'
import type { RouteConfig } from '../config/schema-route.ts'
import type { Scorecard } from '../core/credit/scorecard-model.ts'
import type { ProxyRoute } from '../http/proxy-checkout.ts'
import type { Clock } from '../ports/clock.ts'
import type { Connector, NotificationReader } from '../ports/connector.ts'
import type { ConnectorModule } from '../ports/connector-module.ts'
import type { EligibilityProvider } from '../ports/eligibility-provider.ts'
import type { FactSourceProvider } from '../ports/fact-source.ts'
import type { HttpClient } from '../ports/http-client.ts'
import type { HttpStreamer } from '../ports/http-stream.ts'

/** How the outside of a route is reached; differs between Node and Workers. */
export interface Outside {
  connector(route: RouteConfig, token: string | undefined): Connector
  eligibility(route: RouteConfig, token: string | undefined): EligibilityProvider
  factSource(url: string, route: RouteConfig, token: string | undefined): FactSourceProvider
  notifications(route: RouteConfig, secrets: readonly string[]): NotificationReader
  /** How requests of existing checkouts reach the upstream. */
  proxyRoute(route: RouteConfig, token: string | undefined): ProxyRoute
  /** The model in a file. Throws a `TypeError` that names the file. Absent where there are no files. */
  scorecard?(file: string): Scorecard
}

/** Connections to upstreams: each route has its own, so that one that hangs cannot use up those of another. */
export class HttpOutside implements Outside {
  readonly #clock: Clock
  readonly #newClient: (connectionsMax: number) => HttpClient
  readonly #newStreamer: (origin: string, connectionsMax: number) => HttpStreamer
  readonly #clients: (HttpClient | HttpStreamer)[] = []

  constructor(
    clock: Clock,
    newClient: (connectionsMax: number) => HttpClient,
    newStreamer: (origin: string, connectionsMax: number) => HttpStreamer = () => new FetchStreamer(),
  ) {
    this.#clock = clock
    this.#newClient = newClient
    this.#newStreamer = newStreamer
  }

  connector({ connector }: RouteConfig, token: string | undefined): Connector {
    const client = this.#client(connector.connectionsMax)
    const { baseUrl } = connector
    switch (connector.type) {
      case 'http':
        return new HttpConnector({ baseUrl, mapping: connector.mapping, client, ...bearer(token) })
      case 'module':
        return this.connectorModule(connector.module).createConnector({
          baseUrl: baseUrl.replace(/\/+$/, ''),
          client,
          ...bearer(token),
        })
    }
  }

  notifications({ id, connector }: RouteConfig, secrets: readonly string[]): NotificationReader {
    switch (connector.type) {
      case 'http':
        return new HttpNotifications({ secrets, mapping: connector.mapping })
      case 'module': {
        const { createNotificationReader } = this.connectorModule(connector.module)
        if (createNotificationReader === undefined) {
          throw new TypeError(`${id} has secrets for notifications, and its connector does not read them`)
        }
        return createNotificationReader(secrets)
      }
    }
  }

  /** The code of a connector. Throws a `TypeError`. */
  protected connectorModule(file: string): ConnectorModule {
    throw new TypeError(`the connector ${file} cannot be used: this runtime loads no files`)
  }

  eligibility({ eligibility, connector }: RouteConfig, token: string | undefined): EligibilityProvider {
    const client = this.#client(connector.connectionsMax)
    return new HttpEligibilityProvider({
      url: eligibility?.url ?? '',
      client,
      clock: this.#clock,
      ...bearer(token),
    })
  }

  factSource(url: string, { connector }: RouteConfig, token: string | undefined): FactSourceProvider {
    return new HttpFactSource({ url, client: this.#client(connector.connectionsMax), ...bearer(token) })
  }

  proxyRoute({ id, connector }: RouteConfig, token: string | undefined): ProxyRoute {
    const { connectionsMax, timeoutMs } = connector
    const { origin, pathname } = new URL(connector.baseUrl)
    const streamer = this.#newStreamer(origin, connectionsMax)
    this.#clients.push(streamer)
    return {
      id,
      baseUrl: `${origin}${pathname.replace(/\/+$/, '')}`,
      timeoutMs,
      client: this.#client(connectionsMax),
      streamer,
      ...bearer(token),
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map(client => client.close()))
  }

  #client(connectionsMax: number): HttpClient {
    const client = this.#newClient(connectionsMax)
    this.#clients.push(client)
    return client
  }
}

function bearer(token: string | undefined): { token?: string } {
  return token === undefined ? {} : { token }
}

/** When the circuit of a route opens, by its configuration. */
export function breakerSettings(config: Config, id: string): BreakerSettings {
  const route = config.routes.find(other => other.id === id)
  if (route === undefined) return BREAKER_DEFAULTS
  const { volumeMin, errorPercent, windowMs, resetMs } = route.breaker
  return {
    ...BREAKER_DEFAULTS,
    volumeThreshold: volumeMin,
    errorThresholdPercentage: errorPercent,
    windowMs,
    resetMs,
    permitMs: Math.max(BREAKER_DEFAULTS.permitMs, 2 * route.connector.timeoutMs),
  }
}
