import type { HttpFailure } from '../ports/http-client.ts'
import { Problem } from './problem.ts'

/** What a failed exchange is told as. */
export function problemOf(failure: HttpFailure, payment?: string): Problem {
  const about = payment === undefined ? {} : { payment }
  if (failure.kind === 'not_sent') {
    return failure.cause === 'too_many_requests_open'
      ? new Problem('overloaded', { ...about, retryAfterSeconds: 1 })
      : new Problem('upstream_unreachable', about)
  }
  return new Problem(failure.cause === 'timeout' ? 'upstream_timeout' : 'upstream_failed', about)
}
