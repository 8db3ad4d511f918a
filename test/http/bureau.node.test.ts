import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEYS, type LendingServer, startLending } from '../support/lending-server.ts'

const TOKEN = 'bureau_token_of_at_least_32_characters'
/** What the lender knows decides little; what the bureau knows of debts decides. */
const SCORECARD = {
  format: 'fundroute-scorecard/1',
  version: 'test-1',
  target: 'bad',
  scale: { pointsToDouble: 20, baseScore: 600, baseOdds: 50 },
  intercept: 0,
  derived: [],
  features: [
    {
      name: 'use',
      inputs: [{ column: 'use', binning: { kind: 'numeric', edges: [0.3], special: [] } }],
      dimension: 'consumption',
      reason: 'CRD_ASSESSMENT_NOT_MET',
      coefficient: 1,
      woe: [0, 0, 0],
      points: [310, 305, 300],
    },
    {
      name: 'debts',
      inputs: [{ column: 'debts', binning: { kind: 'numeric', edges: [3], special: [] } }],
      dimension: 'bureau',
      reason: 'CRD_OBLIGATIONS_HIGH',
      coefficient: 1,
      woe: [0, 0, 0],
      points: [310, 190, 300],
    },
  ],
  baseline: {
    scoreEdges: [500],
    scoreCounts: [1, 1],
    featureCounts: [
      [1, 1, 1],
      [1, 1, 1],
    ],
  },
}

let server: LendingServer
let bureau: Server
let orders = 0
const asked: { payer: string; token: string | undefined }[] = []
const debts = new Map<string, number | 'down' | 'hang' | 'garbage'>()
/** Payers about whom the bureau takes longer than the usual half a second to answer. */
const slow = new Set<string>()

beforeAll(async () => {
  bureau = createServer((request, answer) => {
    const payer = new URL(request.url ?? '', 'http://bureau').searchParams.get('payer') ?? ''
    asked.push({ payer, token: request.headers.authorization })
    const known = debts.get(payer)
    if (known === 'hang') return
    if (known === 'down') answer.writeHead(500).end()
    else if (known === 'garbage') answer.end('{"values": [1]}')
    else if (known === undefined) answer.writeHead(404).end()
    else setTimeout(() => answer.end(JSON.stringify({ values: { debts: known } })), slow.has(payer) ? 800 : 0)
  })
  bureau.listen(0, '127.0.0.1')
  await once(bureau, 'listening')
  const url = `http://127.0.0.1:${(bureau.address() as AddressInfo).port}/payers`
  const file = join(mkdtempSync(join(tmpdir(), 'fundroute-bureau-')), 'scorecard.json')
  writeFileSync(file, JSON.stringify(SCORECARD))
  server = await startLending({
    // config-key: routes.credit.sources.url, routes.credit.sources.tokenEnv, routes.credit.sources.timeoutMs
    credit: `      scorecard: "${file}"
      sources:
        - { id: lender, dimension: consumption }
        - { id: bureau, dimension: bureau, consentRequired: true, freshSeconds: 3600, enquiryCost: 50,
            url: "${url}", tokenEnv: BUREAU_TOKEN, timeoutMs: 2500 }`,
    start: { env: { ...KEYS, BUREAU_TOKEN: TOKEN } },
  })
})
afterAll(async () => {
  await server.close()
  bureau.closeAllConnections()
  bureau.close()
})

async function payer(
  known: number | 'down' | 'hang' | 'garbage' | undefined,
  consent: boolean,
): Promise<string> {
  const id = `u-${crypto.randomUUID().slice(0, 8)}`
  if (known !== undefined) debts.set(id, known)
  await server.payer(id, {
    availableCredit: 5_000_000,
    legal: { birthDate: '1990-01-01', isStudent: false, identityVerified: true },
    monthlyIncome: 2_000_000,
    factors: [
      { source: 'lender', values: { use: 0.1 } },
      ...(consent ? [{ source: 'bureau', consent: true, values: {} }] : []),
    ],
  })
  return id
}

async function reasons(id: string): Promise<string[]> {
  const { body } = await server.lender('POST', '/v1/decisions', {
    orderId: `bureau-${++orders}`,
    amount: { currency: 'CNY', value: 10_000 },
    channel: 'app',
    payer: { id, locale: 'en' },
    funding: { accept: [{ tender: 'credit' }, { tender: 'card' }] },
  })
  return body.candidates[0].reasons.map(({ code }: { code: string }) => code)
}

const questions = (id: string): number => asked.filter(question => question.payer === id).length

describe('a bureau beside the lender', () => {
  it('is asked once while its answer is fresh, with its token, and decides', async () => {
    const [few, many] = [await payer(1, true), await payer(9, true)]
    for (let i = 0; i < 3; i++) {
      expect(await reasons(few)).toEqual([])
      expect(await reasons(many)).toEqual(['CRD_ASSESSMENT_NOT_MET', 'CRD_OBLIGATIONS_HIGH'])
    }
    expect([questions(few), questions(many)]).toEqual([1, 1])
    expect(asked.at(-1)?.token).toBe(`Bearer ${TOKEN}`)
  })

  it('is asked once for many decisions at the same moment', async () => {
    const id = await payer(1, true)
    await Promise.all(Array.from({ length: 8 }, () => reasons(id)))
    expect(questions(id)).toBe(1)
  })

  it('may take as long as configured', async () => {
    const id = await payer(9, true)
    slow.add(id)
    expect(await reasons(id)).toEqual(['CRD_ASSESSMENT_NOT_MET', 'CRD_OBLIGATIONS_HIGH'])
  })

  it('is neither asked nor used without the payer’s consent', async () => {
    const id = await payer(9, false)
    expect(await reasons(id)).toEqual([])
    expect(questions(id)).toBe(0)
  })

  it.each(['down', 'hang', 'garbage', undefined] as const)(
    '%s: its facts count as not known',
    { timeout: 20_000 },
    async trouble => {
      const id = await payer(trouble, true)
      expect(await reasons(id)).toEqual([])
      expect(await reasons(id)).toEqual([])
      // Each question may cost money: one that failed is not asked again at once.
      expect(questions(id)).toBe(1)
    },
  )

  // config-key: routes.credit.sources.enquiryCost
  it('costs what each question costs, in the metrics', async () => {
    const { body } = await server.admin('GET', '/metrics')
    const cost = /fundroute_credit_enquiry_cost_total\{route="jd_baitiao"\} (\d+)/.exec(body)
    expect(Number(cost?.[1])).toBe(asked.length * 50)
    expect(body).toMatch(/fundroute_credit_enquiries_total\{route="jd_baitiao",result="unavailable"\} 3/)
  })
})
