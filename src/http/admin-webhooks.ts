import type { Context, Hono } from 'hono'
import * as z from 'zod'
import { Problem } from './problem.ts'
import { type BodyLimits, readJson } from './request.ts'
import { validate } from './schema.ts'

/** How an endpoint has answered lately. Times in Unix ms. */
interface EndpointView {
  readonly endpoint: string
  readonly state: 'ok' | 'failing' | 'disabled'
  readonly failures: number
  readonly lastCause?: string
  readonly restsUntil?: number
}

/** What operators do about events that do not arrive. */
export interface AdminWebhooks {
  views(): Promise<readonly (EndpointView & { readonly url: string })[]>
  /** Takes back what a 410 has done. */
  enable(endpoint: string): Promise<void>
  /** Puts the events of one day that were given up back on their way. */
  redeliver(endpoint: string, day: string): Promise<{ readonly count: number; readonly more: boolean }>
}

const redeliverySchema = z.strictObject({ day: z.iso.date() })

/** Mounts the endpoints about outgoing events on the operators' listener. */
export function addWebhooks(app: Hono, webhooks: AdminWebhooks, limits: () => BodyLimits): void {
  const known = async (context: Context): Promise<string> => {
    const endpoint = `${context.req.param('tenant')}/${context.req.param('endpoint')}`
    const views = await webhooks.views()
    if (!views.some(view => view.endpoint === endpoint)) throw new Problem('not_found')
    return endpoint
  }
  app.get('/admin/v1/webhooks', async context => {
    const endpoints = (await webhooks.views()).map(({ restsUntil, ...view }) => ({
      ...view,
      ...(restsUntil === undefined ? {} : { restsUntil: new Date(restsUntil).toISOString() }),
    }))
    return context.json({ endpoints })
  })
  app.post('/admin/v1/webhooks/:tenant/:endpoint/enable', async context => {
    const endpoint = await known(context)
    await webhooks.enable(endpoint)
    return context.json({ endpoint, state: 'ok' })
  })
  app.post('/admin/v1/webhooks/:tenant/:endpoint/redeliver', async context => {
    const endpoint = await known(context)
    const { day } = validate(redeliverySchema, (await readJson(context, limits())).value)
    return context.json({ endpoint, day, ...(await webhooks.redeliver(endpoint, day)) })
  })
}
