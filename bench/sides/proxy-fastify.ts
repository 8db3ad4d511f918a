/** @fastify/http-proxy as its documentation sets it up, with as many connections as ours. */
import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

const app = Fastify()
await app.register(proxy, {
  upstream: process.env['UPSTREAM'] as string,
  prefix: '/proxy/plain',
  undici: { connections: 128, pipelining: 1 },
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ url }))
process.once('SIGTERM', () => void app.close())
