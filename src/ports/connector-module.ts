import type { Connector, NotificationReader } from './connector.ts'
import type { HttpClient } from './http-client.ts'

/** What a connector of one's own is made from: the keys of `routes.connector`. */
export interface ConnectorContext {
  /** Without a slash at the end. */
  readonly baseUrl: string
  readonly token?: string
  /**
   * Has the connections of the route, knows deadlines and late answers, sends nothing twice, and alone can prove
   * `not_sent`. A connector has no need of another client.
   */
  readonly client: HttpClient
}

/** What a file named by `routes.connector.module` exports. Loaded once, when the gateway starts. */
export interface ConnectorModule {
  readonly createConnector: (context: ConnectorContext) => Connector
  /** Without it the route takes no notifications. */
  readonly createNotificationReader?: (secrets: readonly string[]) => NotificationReader
}
