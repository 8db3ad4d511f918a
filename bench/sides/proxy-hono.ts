/** Hono's own proxy helper, which goes through fetch. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'

const upstream = process.env['UPSTREAM'] as string
const app = new Hono()
app.all('/proxy/plain/*', context =>
  proxy(`${upstream}${context.req.path.slice('/proxy/plain'.length)}`, {
    method: context.req.method,
    headers: { 'content-type': 'application/json' },
    body: context.req.raw.body,
  }),
)
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }))
})
process.once('SIGTERM', () => server.close())
