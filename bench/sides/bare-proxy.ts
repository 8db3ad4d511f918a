/** What any gateway must do at the least: Hono in, an undici pool out, body and answer passed on. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Pool } from 'undici'

const pool = new Pool(process.env['UPSTREAM'] as string, { connections: 128, pipelining: 1, allowH2: false })
const app = new Hono()
app.post('/', async context => {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/payments',
    headers: { 'content-type': 'application/json' },
    body: await context.req.text(),
  })
  return context.body(await body.text(), statusCode as 200, { 'content-type': 'application/json' })
})
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }))
})
process.once('SIGTERM', () => {
  server.close()
  void pool.close()
})
