import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { Connector } from '../ports/connector.ts'
import type { ConnectorModule } from '../ports/connector-module.ts'

const load = createRequire(import.meta.url)

const METHODS = [
  'pay',
  'query',
  'cancel',
  'capture',
  'refund',
  'queryRefund',
  'ping',
] as const satisfies readonly (keyof Connector)[]

/** Loads the code of a connector. Throws a `TypeError` that names the file. */
export function loadConnectorModule(folder: string, file: string): ConnectorModule {
  let loaded: Partial<ConnectorModule>
  try {
    loaded = load(resolve(folder, file)) as Partial<ConnectorModule>
  } catch (cause) {
    const told = cause instanceof Error ? cause.message.split('\n')[0] : 'it cannot be loaded'
    throw new TypeError(`the connector ${file} cannot be used: ${told}`, { cause })
  }
  const { createConnector } = loaded
  if (typeof createConnector !== 'function')
    throw new TypeError(`the connector ${file} has no createConnector`)
  return {
    ...loaded,
    createConnector: context => {
      const connector = createConnector(context)
      const missing = METHODS.filter(name => typeof connector[name] !== 'function')
      if (missing.length > 0) throw new TypeError(`the connector ${file} has no ${missing.join(', ')}`)
      return connector
    },
  }
}
