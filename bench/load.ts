/**
 * Drives one address for some seconds and prints requests per second as JSON. Runs as a process of its own, pinned
 * away from the side that it measures.
 *
 *     node bench/load.ts constant|decision|payment URL SECONDS CONNECTIONS
 */
import autocannon from 'autocannon'

const [kind, url, seconds, connections] = process.argv.slice(2) as [string, string, string, string]
const context = {
  orderId: 'o-1',
  amount: { currency: 'CNY', value: 129_900 },
  channel: 'app',
  payer: { id: 'u-1', locale: 'zh-CN' },
  merchant: { id: 'm-1', mcc: '5732' },
  items: [{ id: 'sku-1', category: 'electronics', amount: { currency: 'CNY', value: 129_900 } }],
  funding: { accept: [{ tender: 'credit', instalments: 3 }, { tender: 'card' }], preference: 'best_value' },
}
const headers = {
  'content-type': 'application/json',
  authorization: `Bearer ${process.env['BENCH_KEY'] ?? 'none'}`,
  ...(process.env['DURABLE'] === undefined ? {} : { prefer: 'durable' }),
}
let sent = 0
// With letters, so that no order of a run looks like a card number.
const run = `r${process.pid}-${process.hrtime.bigint().toString(36)}x`

function payment(): { headers: Record<string, string>; body: string } {
  const id = `${run}-${sent++}`
  return {
    headers: { ...headers, 'idempotency-key': id },
    body: JSON.stringify({
      ...context,
      orderId: id,
      payer: { id: `u-${sent % 10_000}` },
      funding: { accept: [{ tender: 'card' }] },
    }),
  }
}

/** Payers in turn, so that their facts are not those that were looked up last. */
const payers = Number(process.env['PAYERS'] ?? 1)
function decision(): { body: string } {
  return { body: JSON.stringify({ ...context, payer: { id: `u-${sent++ % payers}`, locale: 'zh-CN' } }) }
}
const vary = { payment, decision: payers > 1 ? decision : undefined }[kind]

const path = { constant: '/', decision: '/v1/decisions', payment: '/v1/payments' }[kind] ?? '/'
const result = await autocannon({
  url,
  duration: Number(seconds),
  connections: Number(connections),
  requests: [
    {
      method: 'POST',
      path,
      headers,
      body: JSON.stringify(context),
      ...(vary === undefined ? {} : { setupRequest: (request: object) => ({ ...request, ...vary() }) }),
    },
  ],
})
console.log(
  JSON.stringify({
    perSecond: result['2xx'] / result.duration,
    answered: result['2xx'] + result.non2xx,
    failed: result.non2xx + result.errors,
    p50: result.latency.p50,
    p99: result.latency.p99,
  }),
)
