/** An old upstream that says at once that everything is paid. As little work as an upstream can have. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const ANSWER = JSON.stringify({ state: 'PAID', receipt: 'r-1001', at: '2026-11-11T00:00:00Z' })
const HEADERS = { 'content-type': 'application/json', 'content-length': String(ANSWER.length) }
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  request.resume()
  request.once('end', () => response.writeHead(200, HEADERS).end(ANSWER))
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
process.once('SIGTERM', () => server.close())
