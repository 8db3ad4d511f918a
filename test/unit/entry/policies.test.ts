import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { resolveSecrets } from '../../../src/config/secrets.ts'
import { LiveConfig } from '../../../src/entry/live-config.ts'
import { adminPolicies, PolicyVersions } from '../../../src/entry/policies.ts'
import type { Outside } from '../../../src/entry/outside.ts'
import { buildGeneration } from '../../../src/entry/runtime.ts'
import { Estimates } from '../../../src/gateway/estimates.ts'
import { createAdminApp } from '../../../src/http/admin.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { sampleConfig } from '../../support/sample-config.ts'
import { NOON, sampleContext } from '../../support/samples.ts'

const ENV = { DEMO_API_KEY: 'k'.repeat(40) }
const NOWHERE = {
  connector: () => ({}),
  eligibility: () => ({ facts: () => Promise.resolve({ kind: 'unknown_payer' }) }),
  notifications: () => ({}),
} as unknown as Outside

async function instance(journal: MemoryJournal, policy: object = {}) {
  const text = stringify(sampleConfig(input => Object.assign(input, { policy })))
  const loaded = await loadConfig(text, 'test.yaml')
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const secrets = resolveSecrets(loaded.config, ENV)
  if (!secrets.ok) throw new Error(secrets.problems.join())
  const first = buildGeneration(loaded.config, loaded.version, secrets.secrets, NOWHERE)
  const live = new LiveConfig({ first, outside: NOWHERE, env: ENV, onSwap: () => undefined })
  const clock = new ManualClock(NOON)
  const versions = new PolicyVersions({ journal, clock, live })
  const { gateway } = buildTestGateway()
  const running = { ...gateway, runtime: () => live.current().runtime }
  const app = createAdminApp({
    policies: adminPolicies(versions, running, new Estimates([])),
    limits: () => ({ bodyBytesMax: 65_536, jsonDepthMax: 16 }),
    authorized: () => true,
    fault: (error: unknown) => {
      throw error
    },
  } as unknown as Parameters<typeof createAdminApp>[0])
  const ask = async (method: string, path: string, body?: object) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const response = await app.request(`/admin/v1/${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
      },
      ...(text === undefined ? {} : { body: text }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return { live, versions, ask, attemptsMax: () => live.current().config.policy.attemptsMax }
}

const journal = () => new MemoryJournal({ now: () => NOON })
const propose = (policy: object) => ({ author: 'li', note: 'try', policy })

describe('versions of the policy', () => {
  it('are proposed with author and difference, activated, and rolled back', async () => {
    const { ask, attemptsMax } = await instance(journal())
    expect(await ask('POST', 'policies', propose({ attemptsMax: 5 }))).toMatchObject({
      status: 201,
      body: { version: 1, changes: [{ path: 'policy.attemptsMax', before: '3', after: '5' }] },
    })
    expect(attemptsMax()).toBe(3)
    expect(await ask('POST', 'policies/activate', { version: 1, author: 'wang' })).toMatchObject({
      status: 200,
      body: { version: 1, author: 'wang' },
    })
    expect(attemptsMax()).toBe(5)
    expect((await ask('POST', 'policies/rollback', { author: 'wang' })).status).toBe(404)
    await ask('POST', 'policies', propose({ attemptsMax: 4 }))
    await ask('POST', 'policies/activate', { version: 2, author: 'li' })
    expect(attemptsMax()).toBe(4)
    expect((await ask('POST', 'policies/rollback', { author: 'wang' })).body).toMatchObject({ version: 1 })
    expect(attemptsMax()).toBe(5)
    expect((await ask('GET', 'policies')).body).toMatchObject({
      versions: [
        { version: 2, author: 'li', note: 'try' },
        { version: 1, author: 'li' },
      ],
      activations: [{ version: 1, author: 'wang' }, { version: 2 }, { version: 1 }],
    })
    expect((await ask('GET', 'policies/2')).body).toMatchObject({
      version: { policy: { attemptsMax: 4 } },
      changes: [{ path: 'policy.attemptsMax', before: '5', after: '4' }],
    })
    expect((await ask('GET', 'policies/9')).status).toBe(404)
    expect((await ask('GET', 'policies/x')).status).toBe(404)
  })

  it.each([
    ['an unknown key', { attemptsMx: 1 }, 'policy.attemptsMx: unknown key'],
    [
      'an expression of another type',
      { rules: [{ id: 'r', kind: 'deny', when: 'amount.value', routes: ['card_a'] }] },
      'policy.rules[0].when: rule r: the expression gives int, not bool',
    ],
    [
      'weights that do not add up',
      { rules: [{ id: 'r', kind: 'split', weights: { card_a: 1 } }] },
      'policy.rules[0].weights: must sum to 100, and sums to 1',
    ],
    [
      'an unreachable rule',
      { rules: [{ id: 'r', kind: 'order', when: 'false', routes: ['card_a'] }] },
      'policy.rules[0]: is unreachable: its condition is never true',
    ],
  ])('with %s are refused with the place, and the running policy stays', async (_, policy, message) => {
    const { ask, live } = await instance(journal())
    const before = live.current()
    const { status, body } = await ask('POST', 'policies', propose(policy))
    expect(status).toBe(400)
    expect(JSON.stringify(body)).toContain(message)
    expect(live.current()).toBe(before)
    expect((await ask('GET', 'policies')).body).toEqual({ versions: [], activations: [] })
  })

  it('tell of mistakes in the request itself', async () => {
    const { ask } = await instance(journal())
    expect((await ask('POST', 'policies', { policy: {} })).status).toBe(400)
    expect((await ask('POST', 'policies/activate', { version: 7, author: 'x' })).status).toBe(404)
    expect((await ask('POST', 'policies/rollback', { author: '' })).status).toBe(400)
  })

  it('survive a restart, and another instance follows', async () => {
    const shared = journal()
    const one = await instance(shared)
    const other = await instance(shared)
    await one.ask('POST', 'policies', propose({ attemptsMax: 5 }))
    await one.ask('POST', 'policies/activate', { version: 1, author: 'li' })
    expect(await other.versions.follow()).toBe('applied')
    expect(other.attemptsMax()).toBe(5)
    expect(await other.versions.follow()).toBe('unchanged')
    const restarted = await instance(shared)
    expect(await restarted.versions.follow()).toBe('applied')
    expect(restarted.attemptsMax()).toBe(5)
  })

  it('give way to a file whose policy was edited since', async () => {
    const shared = journal()
    const one = await instance(shared)
    await one.ask('POST', 'policies', propose({ attemptsMax: 5 }))
    await one.ask('POST', 'policies/activate', { version: 1, author: 'li' })
    const edited = await instance(shared, { attemptsMax: 2 })
    expect(await edited.versions.follow()).toBe('unchanged')
    expect(edited.attemptsMax()).toBe(2)
  })

  it('do not take what two propose at once for one', async () => {
    const shared = journal()
    const [one, other] = [await instance(shared), await instance(shared)]
    const answers = await Promise.all(
      [one, other].map(({ ask }, i) => ask('POST', 'policies', propose({ attemptsMax: 4 + i }))),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  })
})

describe('a dry run', () => {
  const context = { ...sampleContext(), orderId: 'dry' }

  it('shows what a policy would decide beside the running one, and keeps nothing', async () => {
    const { ask, attemptsMax } = await instance(journal())
    const policy = { attemptsMax: 1, rules: [{ id: 'r', kind: 'order', routes: ['card_b'] }] }
    const { status, body } = await ask('POST', 'policies/dry-run', { tenant: 'demo', context, policy })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      running: { cascade: expect.arrayContaining(['card_a', 'card_b']) },
      other: { policyVersion: 'dry-run', cascade: ['card_b'] },
    })
    expect(attemptsMax()).toBe(3)
    expect((await ask('GET', 'policies')).body).toEqual({ versions: [], activations: [] })
    await ask('POST', 'policies', propose(policy))
    const kept = await ask('POST', 'policies/dry-run', { tenant: 'demo', context, version: 1 })
    expect(kept.body).toMatchObject({ other: { cascade: ['card_b'] } })
  })

  it('refuses what it cannot decide', async () => {
    const { ask } = await instance(journal())
    const dryRun = async (body: object) => (await ask('POST', 'policies/dry-run', body)).status
    expect(await dryRun({ tenant: 'demo', context })).toBe(400)
    expect(await dryRun({ tenant: 'nobody', context, policy: {} })).toBe(404)
    expect(await dryRun({ tenant: 'demo', context: {}, policy: {} })).toBe(400)
    expect(await dryRun({ tenant: 'demo', context, policy: { fallback: ['zz'] } })).toBe(400)
    expect(await dryRun({ tenant: 'demo', context, version: 3 })).toBe(404)
  })
})
