import type { Dials } from './dials.ts'
import type { Behaviour } from './magic.ts'
import { type Payment, viewOf } from './payment.ts'
import { answer, problem, type Reply, reset, silence } from './protocol.ts'

const earlyNotificationLeadMs = 300

/** What a request that fails before processing is answered. */
export function hiccupReply(hiccup: NonNullable<Behaviour['hiccup']>): Reply {
  switch (hiccup) {
    case 'reset':
      return reset
    case 'error':
      return problem(500, 'internal_error', 'Nothing was processed, though you cannot know.')
    case 'rate_limit':
      return { ...problem(429, 'rate_limited', 'Not processed.'), headers: { 'retry-after': '1' } }
  }
}

/** The answer as it goes on the wire. */
export function flawed(reply: Reply, payment: Payment, dials: Dials): Reply {
  const { behaviour, amount } = payment
  if (behaviour?.notifications === 'early') return { ...reply, delayMs: earlyNotificationLeadMs }
  switch (behaviour?.flaw) {
    case undefined:
      return reply
    case 'slow':
      return { ...reply, delayMs: dials.slowMs }
    case 'hang':
      return silence
    case 'reset':
      return reset
    case 'truncate':
      return { ...reply, fate: 'truncate' }
    case 'error':
      return problem(500, 'internal_error', 'It was processed, though you cannot know.')
    case 'garbage':
      return { ...reply, body: '<html>upstream proxy error</html>' }
    case 'oversized':
      return answer({ ...viewOf(payment), padding: 'x'.repeat(1_048_576) })
    case 'redirect':
      return { ...reply, status: 307, headers: { location: '/payments' } }
    case 'wrong_amount':
      return answer({ ...viewOf(payment), amount: { ...amount, value: amount.value + 1 } })
    case 'wrong_reference':
      return answer({ ...viewOf(payment), reference: '0'.repeat(32) })
    case 'says_unknown':
      return answer({
        ...viewOf(payment),
        status: 'declined',
        declineCode: '68',
        declineCategory: 'outcome_unknown',
      })
  }
}

/** Whether a resend of the key gets the same flaw: what is wrong in the words is, what went wrong on the wire is not. */
export function isSaidAgain(behaviour: Behaviour | undefined, dials: Dials): boolean {
  const flaw = behaviour?.flaw
  if (flaw === 'error') return dials.replaysErrors
  return flaw === 'wrong_amount' || flaw === 'wrong_reference' || flaw === 'says_unknown'
}
