import type { RunningGateway, StartOptions } from '../entry/node.ts'
import type { Stage } from './stage.ts'

/** What `fundroute serve` prints when it is up: where everything is, and in the sandbox a request to paste. */
export function banner(
  running: RunningGateway,
  dataDir: string,
  start: StartOptions,
  stage: Stage | undefined,
): string {
  const lines = [
    '',
    `fundroute is up.`,
    '',
    `  API       ${running.url}`,
    `  Metrics   ${running.adminUrl}/metrics`,
    `  Journal   ${start.databaseUrl === undefined ? `SQLite in ${dataDir}` : 'PostgreSQL'}`,
    `  Hints     ${start.redisUrl === undefined ? 'in this process' : 'Redis'}`,
  ]
  if (stage !== undefined) lines.push(...invitation(running.url, stage))
  return `${lines.join('\n')}\n${stage === undefined ? '\n' : ''}`
}

/** The sandbox, and a request to paste. */
export function invitation(url: string, stage: Stage): string[] {
  const key = stage.secrets['DEMO_API_KEY'] ?? ''
  return [
    `  Sandbox   ${stage.sandbox.routes.map(({ id }) => id).join(', ')}; control at ${stage.sandbox.control}`,
    `  API key   ${key}`,
    '',
    'Pay 1,299 yuan by card. Every run is a new order:',
    '',
    curl(url, key),
    '',
    'Amounts and payers that decline, time out or answer twice: docs/sandbox.md',
    '',
  ]
}

function curl(url: string, key: string): string {
  return `  curl -s ${url}/v1/payments \\
    -H 'Authorization: Bearer ${key}' \\
    -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $(date +%s%N)" \\
    -d '{"orderId":"o-'$(date +%s%N)'","amount":{"currency":"CNY","value":129900},"channel":"app",
         "payer":{"id":"u-1","locale":"en"},"funding":{"accept":[{"tender":"card"},{"tender":"wallet"}]}}'`
}
