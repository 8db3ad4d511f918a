import { parseArgs } from 'node:util'
import * as z from 'zod'
import { UsageError } from './usage-error.ts'

const help = `Usage: fundroute explain DECISION [options]

Tells why each way to pay was or was not on offer in a recorded decision, what the payer can do, and what works now.

  DECISION           id (dec_...) of a decision of a running gateway
  --audience WHO     shopper (default): what a shopper may be told; operator: every route and gate
  --lang LANG        zh-CN or en, when the payer has no language of their own (en)
  --url URL          address of the gateway (http://127.0.0.1:8080)
  --key-env NAME     environment variable with an API key of scope read; explain for operators, creditReasons for
                     credit reasons (FUNDROUTE_KEY)
  --json             print the explanation as JSON
  --help             this text

Exit status: 0 told, 1 there is no such decision, 2 used wrongly.
`

const schema = z.looseObject({
  decision: z.string(),
  at: z.string(),
  routes: z.array(
    z.looseObject({
      route: z.string(),
      label: z.string(),
      offered: z.boolean(),
      reasons: z.array(z.looseObject({ code: z.string(), message: z.string(), remedy: z.string() })),
      credit: z.looseObject({ rights: z.string(), contact: z.string().optional() }).optional(),
      gates: z.record(z.string(), z.array(z.string())).optional(),
    }),
  ),
  alternatives: z.array(z.looseObject({ route: z.string(), label: z.string() })),
})

type Told = z.output<typeof schema>

/** `fundroute explain`. */
export async function explain(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      audience: { type: 'string', default: 'shopper' },
      lang: { type: 'string', default: 'en' },
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      'key-env': { type: 'string', default: 'FUNDROUTE_KEY' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const [decision, ...more] = positionals
  if (decision === undefined || more.length > 0) throw new UsageError('name one decision')
  const key = process.env[values['key-env']]
  if (key === undefined) {
    throw new UsageError('set FUNDROUTE_KEY to an API key, or name its variable with --key-env')
  }
  const query = `audience=${encodeURIComponent(values.audience)}`
  const url = `${values.url}/v1/decisions/${encodeURIComponent(decision)}/explanation?${query}`
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${key}`, 'accept-language': values.lang },
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  })
  if (response.status === 404) {
    process.stderr.write(`fundroute: ${values.url} knows no decision ${decision}\n`)
    return 1
  }
  if (!response.ok) throw new UsageError(`${values.url} answers ${response.status} for ${decision}`)
  const told = schema.parse(await response.json())
  process.stdout.write(values.json ? `${JSON.stringify(told, null, 2)}\n` : inWords(told))
  return 0
}

function inWords({ decision, at, routes, alternatives }: Told): string {
  const lines = [`${decision} of ${at}`]
  for (const { route, label, offered, reasons, credit, gates } of routes) {
    lines.push('', `${offered ? '+' : '-'} ${label} (${route})`)
    for (const { code, message, remedy } of reasons)
      lines.push(`    ${code}  ${message}`, `        ${remedy}`)
    for (const [gate, codes] of Object.entries(gates ?? {}))
      lines.push(`    gate ${gate}: ${codes.join(', ')}`)
    if (credit !== undefined) lines.push(`    ${[credit.rights, credit.contact ?? ''].join(' ').trim()}`)
  }
  const ways = alternatives.map(({ label, route }) => `${label} (${route})`)
  lines.push('', `Works now: ${ways.join(', ') || 'nothing'}`)
  return `${lines.join('\n')}\n`
}
