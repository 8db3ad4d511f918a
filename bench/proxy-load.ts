/**
 * Pays through a proxy for some seconds, every time another order, and prints requests per second as JSON. Runs as a
 * process of its own, pinned away from the side that it measures.
 *
 *     node bench/proxy-load.ts URL SECONDS CONNECTIONS
 */
import autocannon from 'autocannon'

const [url, seconds, connections] = process.argv.slice(2) as [string, string, string]
const run = `${process.pid}-${process.hrtime.bigint()}`
let sent = 0

const body = (): string =>
  JSON.stringify({
    order: { id: `${run}-${sent++}`, lines: [{ sku: 'sku-1', quantity: 1 }] },
    amount: 129_900,
    currency: 'CNY',
    user: { id: `u-${sent % 10_000}` },
    card: { token: 'tok_1' },
  })
const { pathname, origin } = new URL(url)
const result = await autocannon({
  url: origin,
  duration: Number(seconds),
  connections: Number(connections),
  requests: [
    {
      method: 'POST',
      path: pathname,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${process.env['BENCH_KEY'] ?? 'none'}`,
        'user-agent': 'old-checkout/3.1',
        accept: 'application/json',
      },
      body: body(),
      setupRequest: (request: object) => ({ ...request, body: body() }),
    },
  ],
})
console.log(
  JSON.stringify({
    perSecond: result['2xx'] / result.duration,
    answered: result['2xx'],
    failed: result.non2xx + result.errors,
    p50: result.latency.p50,
    p99: result.latency.p99,
  }),
)
