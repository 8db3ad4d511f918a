/**
 * An old upstream that says at once that everything is paid. Bare sockets: what it costs comes on top of every proxy, and
 * hides how they differ.
 */
import { type AddressInfo, createServer } from 'node:net'

const BODY = JSON.stringify({ state: 'PAID', receipt: 'r-1001', at: '2026-11-11T00:00:00Z' })
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`

/** Where a request ends in what was read, or undefined while there is more to come. */
function endOf(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  const chunked = length === undefined && /\r\ntransfer-encoding: chunked/i.test(text)
  const end = chunked ? text.indexOf('0\r\n\r\n', headEnd) + 5 : headEnd + 4 + Number(length ?? 0)
  return end <= headEnd || text.length < end ? undefined : end
}

const server = createServer({ noDelay: true }, socket => {
  let heard = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    heard = heard === '' ? chunk : heard + chunk
    const end = endOf(heard)
    if (end === undefined) return
    heard = heard.slice(end)
    socket.write(ANSWER)
  })
  socket.on('error', () => undefined)
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
process.once('SIGTERM', () => process.exit())
