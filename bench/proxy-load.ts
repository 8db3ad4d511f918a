/**
 * Pays through a proxy for some seconds, every time another order, and prints requests per second as JSON. Runs as a
 * process of its own, pinned away from the side that it measures. It speaks over bare sockets: a load that costs more
 * than a proxy would measure itself.
 *
 *     node bench/proxy-load.ts URL SECONDS CONNECTIONS
 */
import { connect, type Socket } from 'node:net'

const [address, seconds, connections] = process.argv.slice(2) as [string, string, string]
const { hostname, port, pathname, host } = new URL(address)
// With letters, so that no order of a run looks like a card number.
const run = `r${process.pid}-${process.hrtime.bigint().toString(36)}x`
const HEAD_END = '\r\n\r\n'
let sent = 0

/** Always of one length, so that the head never changes. */
function bodyOf(number: number): string {
  const order = `${run}-${String(number).padStart(9, '0')}`
  return `{"order":{"id":"${order}","lines":[{"sku":"sku-1","quantity":1}]},"amount":129900,"currency":"CNY","user":{"id":"u-${String(number % 10_000).padStart(4, '0')}"},"card":{"token":"tok_1"}}`
}

const head = [
  `POST ${pathname} HTTP/1.1`,
  `host: ${host}`,
  'content-type: application/json',
  `authorization: Bearer ${process.env['BENCH_KEY'] ?? 'none'}`,
  'user-agent: old-checkout/3.1',
  'accept: application/json',
  `content-length: ${bodyOf(0).length}`,
].join('\r\n')

const latencies: number[] = []
/** How often each other status came, or none. */
const failures: Record<string, number> = {}
let ended = false

function fail(status: string): void {
  failures[status] = (failures[status] ?? 0) + 1
}

/** Where an answer ends in what was read, or undefined while there is more to come. */
function endOf(text: string): number | undefined {
  const headEnd = text.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  const end = length === undefined ? text.indexOf(`0${HEAD_END}`, headEnd) + 5 : headEnd + 4 + Number(length)
  return end <= headEnd || text.length < end ? undefined : end
}

/** One connection that sends, waits for the answer, and sends again. */
function drive(socket: Socket): Promise<void> {
  let startedAt = 0
  let heard = ''
  const send = (): void => {
    startedAt = performance.now()
    socket.write(`${head}${HEAD_END}${bodyOf(sent++)}`)
  }
  socket.setEncoding('latin1').setNoDelay(true)
  socket.on('data', (chunk: string) => {
    heard = heard === '' ? chunk : heard + chunk
    if (endOf(heard) === undefined) return
    if (heard.startsWith('HTTP/1.1 2')) latencies.push(performance.now() - startedAt)
    else fail(heard.slice(9, 12))
    heard = ''
    if (ended) socket.end()
    else send()
  })
  socket.on('error', () => fail('none'))
  socket.once('connect', send)
  return new Promise(resolve => void socket.once('close', resolve))
}

const startedAt = performance.now()
const driven = Array.from({ length: Number(connections) }, () => drive(connect(Number(port), hostname)))
await new Promise(resolve => setTimeout(resolve, Number(seconds) * 1_000))
const answered = latencies.length
const elapsed = performance.now() - startedAt
ended = true
await Promise.race([Promise.all(driven), new Promise(resolve => setTimeout(resolve, 5_000))])
latencies.sort((a, b) => a - b)
const quantile = (q: number): number => Number((latencies[Math.floor(latencies.length * q)] ?? 0).toFixed(1))
console.log(
  JSON.stringify({
    perSecond: (answered * 1_000) / elapsed,
    answered: latencies.length,
    failures,
    p50: quantile(0.5),
    p99: quantile(0.99),
  }),
)
process.exit()
