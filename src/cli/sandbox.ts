import { parseArgs } from 'node:util'
import { SANDBOX_ROUTES, type SandboxRoute } from '../sandbox/protocol.ts'
import { type SandboxOptions, startSandbox } from '../sandbox/start.ts'

const help = `Usage: fundroute sandbox [options]

Six funding routes to try and test with, each on a port of its own, and a control API.
Prints one line of JSON with their addresses when they are ready. Ends on SIGINT or SIGTERM.

  --ports PORTS    the first of seven ports in a row (7001), 0 for free ones, or all seven with commas:
                   ${SANDBOX_ROUTES.join(', ')}, control
  --ledger FILE    keep the ledger in FILE, synced record by record; a restart goes on from it
  --gateway URL    send notifications to this gateway
  --help           this text

SANDBOX_HOOK_SECRET holds the secret that signs notifications (base64, whsec_ optional);
SANDBOX_HOOK_SECRET_CARD_A and the like one for a single route. Without a secret a route sends none.
`

/** `fundroute sandbox`. Returns the exit status: 0 after a signal, 1 when it cannot start, 2 on misuse. */
export async function sandbox(args: string[]): Promise<number> {
  let options: SandboxOptions
  try {
    const { values } = parseArgs({
      args,
      options: {
        ports: { type: 'string' },
        ledger: { type: 'string' },
        gateway: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) {
      process.stdout.write(help)
      return 0
    }
    options = {
      ports: portsFrom(values.ports),
      ...(values.ledger === undefined ? {} : { ledgerFile: values.ledger }),
      ...(values.gateway === undefined ? {} : { gatewayUrl: urlFrom(values.gateway) }),
      notificationSecrets: secretsFrom(process.env),
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    return 2
  }
  try {
    const running = await startSandbox(options)
    const { routes, control } = running
    process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, control, routes })}\n`)
    await signal()
    await running.close()
    return 0
  } catch (error) {
    process.stderr.write(
      `The sandbox did not start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    return 1
  }
}

function signal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  process.once('SIGINT', () => resolve())
  process.once('SIGTERM', () => resolve())
  return promise
}

function portsFrom(text = '7001'): number | number[] {
  const ports = text.split(',').map(part => (/^\d{1,5}$/.test(part.trim()) ? Number(part) : Number.NaN))
  const [first = Number.NaN] = ports
  const highest = ports.length === 1 && first > 0 ? first + SANDBOX_ROUTES.length : Math.max(...ports)
  if (!(highest <= 65_535)) throw new Error(`--ports ${text}: not a port`)
  if (ports.length === 1) return first
  if (ports.length === SANDBOX_ROUTES.length + 1) return ports
  throw new Error(`--ports takes one port or ${SANDBOX_ROUTES.length + 1}, not ${ports.length}`)
}

function urlFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error(`--gateway ${text}: not an http URL`)
  return text.replace(/\/$/, '')
}

function secretsFrom(env: NodeJS.ProcessEnv): Partial<Record<SandboxRoute, string>> {
  const secrets: Partial<Record<SandboxRoute, string>> = {}
  for (const route of SANDBOX_ROUTES) {
    const secret = env[`SANDBOX_HOOK_SECRET_${route.toUpperCase()}`] ?? env.SANDBOX_HOOK_SECRET
    if (secret !== undefined && secret !== '') secrets[route] = secret
  }
  return secrets
}
