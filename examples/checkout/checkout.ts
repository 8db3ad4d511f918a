/**
 * A checkout page's server side: shows what can be used and why not, takes the payer's choice, and pays.
 *
 *     FUNDROUTE_KEY=... npx node examples/checkout/checkout.ts http://127.0.0.1:8080
 */
import { createClient } from '../../src/client/client.ts'

/** Shows the options, pays with the first one that is available, and returns what the shopper reads. */
export async function checkOut(baseUrl: string, key: string, orderId: string): Promise<string[]> {
  const client = createClient({ baseUrl, key, language: 'en' })
  const order = {
    orderId,
    amount: { currency: 'CNY', value: 129_900 },
    channel: 'app',
    payer: { id: 'u-1', locale: 'en' },
  } as const

  const quotes = await client.POST('/v1/quotes', {
    body: {
      ...order,
      funding: { accept: [{ tender: 'credit' }, { tender: 'card' }, { tender: 'flash_pay' }] },
    },
  })
  if (quotes.data === undefined) return [`No options: ${quotes.error.title}`]
  const shown = quotes.data.options.map(({ tender, available, reasons }) =>
    available ? `${tender}: yes` : `${tender}: no - ${reasons.map(reason => reason.message).join(' ')}`,
  )

  // The payer chose the card. The key belongs to this order for as long as its outcome is open.
  const paid = await client.POST('/v1/payments', {
    params: { header: { 'Idempotency-Key': `order-${orderId}` } },
    body: { ...order, funding: { accept: [{ tender: 'card' }] } },
  })
  if (paid.data === undefined) return [...shown, `Not paid: ${paid.error.title}`]
  return [...shown, `${paid.data.status} by ${paid.data.route ?? 'no route'}`]
}

const [, script, url] = process.argv
if (script === import.meta.filename) {
  const key = process.env['FUNDROUTE_KEY']
  if (url === undefined || key === undefined) {
    console.error('Usage: FUNDROUTE_KEY=... node checkout.ts URL')
    process.exitCode = 2
  } else {
    for (const line of await checkOut(url, key, `demo-${process.pid}`)) console.log(line)
  }
}
