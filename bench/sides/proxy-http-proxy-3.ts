/** http-proxy-3 over kept-alive connections, as many as ours. */
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProxyServer } from 'http-proxy-3'

const agent = new Agent({ keepAlive: true, maxSockets: 128 })
const proxy = createProxyServer({ target: process.env['UPSTREAM'] as string, agent })
proxy.on('error', () => undefined)
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => proxy.web(request, response))
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
process.once('SIGTERM', () => server.close())
