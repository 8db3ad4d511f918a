import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether an Authorization header shows a bearer token, in the same time whatever is wrong with it. */
export function sameToken(header: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
