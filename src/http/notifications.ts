import type { ApiContext, HttpDeps } from './endpoint.ts'
import { Problem, problemResponse } from './problem.ts'

/** Notifications are small; a larger one is not from an upstream that we know. */
const BODY_BYTES_MAX = 65_536

/**
 * `POST /v1/notifications/{route}`: an upstream tells by itself. Authenticated by signature over the raw bytes, not
 * by an API key. 2xx only after the durable write, so an upstream that hears nothing tells again.
 */
export async function receiveNotification({ service }: HttpDeps, context: ApiContext): Promise<Response> {
  const length = Number(context.req.header('content-length') ?? Number.NaN)
  if (Number.isNaN(length)) throw new Problem('length_required')
  if (length > BODY_BYTES_MAX) throw new Problem('body_too_large')
  const body = new Uint8Array(await context.req.arrayBuffer())
  const result = await service.notification(context.req.param('route') ?? '', context.req.header(), body)
  switch (result) {
    case 'recorded':
    case 'duplicate':
    case 'ignored':
      return context.body(null, 204)
    case 'refused':
      return problemResponse(context, 'unauthorized')
    case 'unknown':
      return problemResponse(context, 'not_found')
  }
}
