import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cardOfUse } from '../support/card-of-use.ts'
import { KEYS, type LendingServer, startLending } from '../support/lending-server.ts'

const SCORECARD = cardOfUse()

const LEGAL = { birthDate: '1990-01-01', isStudent: false, identityVerified: true }
let server: LendingServer
let orders = 0

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'fundroute-card-')), 'scorecard.json')
  writeFileSync(file, JSON.stringify(SCORECARD))
  server = await startLending({
    credit: `      scorecard: "${file}"\n      reviewContact: 400-000-0000`,
  })
})
afterAll(() => server.close())

const body = (payer: string, value = 10_000, change: object = {}) => ({
  orderId: `explain-${++orders}`,
  amount: { currency: 'CNY', value },
  channel: 'app',
  payer: { id: payer, locale: 'en' },
  funding: { accept: [{ tender: 'credit' }, { tender: 'card' }] },
  ...change,
})

const applicant = (payer: string, use: number, change: object = {}) =>
  server.payer(payer, {
    availableCredit: 5_000_000,
    legal: LEGAL,
    monthlyIncome: 2_000_000,
    factors: [{ source: 'lender', values: { use } }],
    ...change,
  })

async function explained(request: object, query = '', as: 'lender' | 'shop' = 'lender') {
  const { body: decision } = await server[as]('POST', '/v1/decisions', request)
  const answer = await server[as]('GET', `/v1/decisions/${decision.id}/explanation${query}`)
  const credit = answer.body.routes?.find(({ tender }: { tender: string }) => tender === 'credit')
  return { ...answer, credit, codes: credit?.reasons.map(({ code }: { code: string }) => code) }
}

describe('the explanation of a decision', () => {
  // config-key: routes.credit.scorecard, routes.credit.reviewContact
  it('gives the specific reasons of a refusal by the scorecard, and where to ask for a person', async () => {
    await applicant('u-good', 0.1)
    expect((await explained(body('u-good'))).credit).toMatchObject({ offered: true, reasons: [] })
    await applicant('u-high', 0.9)
    const { credit, codes } = await explained(body('u-high'))
    expect(codes).toEqual(['CRD_ASSESSMENT_NOT_MET', 'CRD_OBLIGATIONS_HIGH'])
    expect(credit.credit).toMatchObject({ lender: 'Sandbox Micro-credit Co.', contact: '400-000-0000' })
    expect(credit.credit.decidedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/)
  })

  it('names neither score nor probability nor cut-off to a shopper', async () => {
    await applicant('u-high', 0.9)
    // Ids and times hold any digits.
    const { decision: _id, at: _at, ...told } = (await explained(body('u-high'))).body
    expect(JSON.stringify(told)).not.toMatch(/score|points|"pd"|probab|487|0\.5|gates|value/i)
  })

  it('excludes by law before any score, without saying how it is known', async () => {
    await applicant('u-student', 0.1, { legal: { ...LEGAL, isStudent: true } })
    const { codes, body: told } = await explained(body('u-student'))
    expect(codes).toEqual(['CRD_NOT_ELIGIBLE_BY_RULE'])
    expect(JSON.stringify(told)).not.toMatch(/student/i)
  })

  it('shows every route and gate to an operator, who needs the scope', async () => {
    await applicant('u-high', 0.9)
    const { credit, body: told } = await explained(body('u-high'), '?audience=operator')
    expect(credit.gates).toEqual({ credit: ['CRD_ASSESSMENT_NOT_MET', 'CRD_OBLIGATIONS_HIGH'] })
    expect(told.routes.map(({ route }: { route: string }) => route)).toEqual([
      'jd_baitiao',
      'card_a',
      'flash_pay',
    ])
    expect((await explained(body('u-high'), '?audience=operator', 'shop')).status).toBe(403)
    expect((await explained(body('u-high'), '?audience=everyone')).status).toBe(400)
  })

  it('is not found for an unknown decision', async () => {
    expect((await server.lender('GET', '/v1/decisions/dec_none/explanation')).status).toBe(404)
  })
})

describe('what a shop can find out about a payer', () => {
  /** Halves the range in which the limit lies, as long as the API answers. */
  async function search(
    payer: string,
    ask: (value: number) => Promise<boolean>,
  ): Promise<{ low: number; high: number }> {
    let [low, high] = [100, 5_000_000]
    for (let i = 0; i < 22 && high - low > 1; i++) {
      const middle = Math.floor((low + high) / 2)
      if (await ask(middle)) low = middle
      else high = middle
    }
    return { low, high }
  }

  const LIMIT = 234_500

  it.each([
    [
      'decisions',
      async (payer: string, value: number) =>
        (await server.shop('POST', '/v1/decisions', body(payer, value))).body.cascade.includes('jd_baitiao'),
    ],
    [
      'quotes',
      async (payer: string, value: number) =>
        (await server.shop('POST', '/v1/quotes', body(payer, value))).body.options.find(
          ({ tender }: { tender: string }) => tender === 'credit',
        ).available,
    ],
    [
      'explanations',
      async (payer: string, value: number) =>
        (await explained(body(payer, value), '', 'shop')).credit.offered,
    ],
    [
      'alternatives of explanations',
      async (payer: string, value: number) => {
        const request = body(payer, value, { funding: { accept: [{ tender: 'flash_pay' }] } })
        const { body: told } = await explained(request, '', 'shop')
        return told.alternatives.some(({ tender }: { tender: string }) => tender === 'credit')
      },
    ],
  ])('by %s: not the limit, however many amounts it tries', { timeout: 30_000 }, async (how, ask) => {
    const payer = `u-searched-${how.replaceAll(' ', '-')}`
    await applicant(payer, 0.1, { availableCredit: LIMIT })
    const { low, high } = await search(payer, value => ask(payer, value))
    // Six halvings of the range are what a shopper with six carts may learn; the limit is not among what is left.
    const found = low <= LIMIT && LIMIT < high && high - low < 5_000_000 / 64
    expect(found).toBe(false)
    // The first questions were answered truthfully.
    expect(await ask(`${payer}-2`, 100)).toBe(false)
    await applicant(`${payer}-3`, 0.1)
    expect(await ask(`${payer}-3`, 100)).toBe(true)
  })

  it('the lender itself reads reasons, but not in a loop', async () => {
    await server.payer('u-loop', { daysPastDue: 9 })
    const codes: string[] = []
    for (let i = 0; i < 62; i++) {
      const { body: told } = await server.lender('POST', '/v1/decisions', body('u-loop'))
      codes.push(told.candidates[0].reasons[0].code)
    }
    expect(codes.slice(0, 60).every(code => code !== 'CRD_UNAVAILABLE')).toBe(true)
    expect(codes.slice(60)).toEqual(['CRD_UNAVAILABLE', 'CRD_UNAVAILABLE'])
  })
})

describe('fundroute explain', () => {
  it('tells a decision in words', async () => {
    await server.payer('u-told', { daysPastDue: 9 })
    const { body: decision } = await server.lender('POST', '/v1/decisions', body('u-told'))
    const run = promisify(execFile)(
      process.execPath,
      ['src/cli/main.ts', 'explain', decision.id, '--url', server.gateway.url],
      {
        cwd: join(import.meta.dirname, '../..'),
        env: { ...process.env, FUNDROUTE_KEY: KEYS.LENDER_KEY },
      },
    )
    const { stdout } = await run
    expect(stdout).toContain('- Baitiao (jd_baitiao)')
    // Flash Pay cannot serve the app, and the app is where the payer is: nothing is said of going there.
    expect(stdout).not.toContain('Pay in the app')
    expect(stdout).toMatch(/CRD_\w+ {2}\w+/)
    expect(stdout).toContain('have a person review it. 400-000-0000')
    expect(stdout).toContain('Works now: this card (card_a)')
  })
})
