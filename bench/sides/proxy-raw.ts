/** The floor of every proxy on Node: node:http in, an undici pool out, nothing looked at. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Dispatcher, Pool } from 'undici'

const pool = new Pool(process.env['UPSTREAM'] as string, { connections: 128, pipelining: 1, allowH2: false })
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const headers = {
    'content-type': 'application/json',
    'content-length': request.headers['content-length'] as string,
  }
  pool
    .request({
      method: request.method as Dispatcher.HttpMethod,
      path: request.url as string,
      headers,
      body: request,
    })
    .then(({ statusCode, headers: told, body }) => {
      response.writeHead(statusCode, {
        'content-type': told['content-type'] as string,
        'content-length': told['content-length'] as string,
      })
      body.pipe(response)
    })
    .catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
process.once('SIGTERM', () => server.close())
