import { answer, problem, type Reply } from './protocol.ts'
import type { Upstream } from './upstream.ts'

/**
 * Where a redirect takes the payer: a page with two buttons, whose choice settles the payment and leads back to the
 * shop. It stands for the bank's or the wallet's own page.
 */
export function redirectPage(upstream: Upstream, method: string, reference: string, raw: string): Reply {
  const result = method === 'POST' ? new URLSearchParams(raw).get('result') : null
  if (result !== null && result !== 'approved' && result !== 'declined') {
    return problem(400, 'invalid_request', 'result is approved or declined.')
  }
  const payment = result === null ? upstream.find(reference) : upstream.complete(reference, result)
  if (payment === undefined) return problem(404, 'not_found', 'No payment with this reference.')
  if (result !== null && payment.returnUrl !== undefined) {
    return { ...answer({}, 303), body: '', headers: { location: payment.returnUrl } }
  }
  const open = payment.state === 'requires_action'
  const buttons =
    '<button name=result value=approved>Pay</button> <button name=result value=declined>Refuse</button>'
  const amount = `${(payment.amount.value / 100).toFixed(2)} ${payment.amount.currency}`
  const body = open
    ? `<p>Pay ${amount}?</p><form method=post>${buttons}</form>`
    : `<p>This payment is ${payment.state}.</p>`
  return {
    ...answer({}),
    body: `<!doctype html><html lang=en><meta charset=utf-8><title>Sandbox bank</title><h1>Sandbox bank</h1>${body}</html>`,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  }
}
