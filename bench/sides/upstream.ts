/** An upstream that approves everything at once, and an eligibility service that knows everybody. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const HEADERS = { 'content-type': 'application/json' }
const server = createServer((request, response) => {
  let text = ''
  request.on('data', chunk => {
    text += chunk
  })
  request.on('end', () => {
    if (request.method === 'GET') {
      const facts = { activated: true, frozen: false, availableCredit: 5_000_000, daysPastDue: 0 }
      response.writeHead(200, HEADERS).end(JSON.stringify(facts))
      return
    }
    const { reference, amount } = JSON.parse(text) as { reference?: string; amount?: unknown }
    const answer = { status: 'approved', reference, providerReference: `p-${reference}`, amount }
    response.writeHead(200, HEADERS).end(JSON.stringify(answer))
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
process.once('SIGTERM', () => server.close())
