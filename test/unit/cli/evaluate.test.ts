import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { evaluate } from '../../../src/cli/evaluate.ts'
import { replay } from '../../../src/cli/replay.ts'
import { UsageError } from '../../../src/cli/usage-error.ts'
import { decide } from '../../../src/core/decision.ts'
import { randomStream } from '../../../src/core/random.ts'
import { sampleInput } from '../../support/sample-config.ts'
import { decisionIn, policyIn } from '../../support/sample-decision.ts'

const folder = mkdtempSync(join(tmpdir(), 'fundroute-evaluate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  vi.restoreAllMocks()
})

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

interface Told {
  readonly status: number
  readonly out: string
  readonly err: string
}

async function run(command: (args: string[]) => Promise<number>, args: string[]): Promise<Told> {
  const out: string[] = []
  const err: string[] = []
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text))
  vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text))
  vi.spyOn(process.stdout, 'write').mockImplementation(text => out.push(String(text)) > 0)
  const status = await command(args)
  vi.restoreAllMocks()
  return { status, out: out.join('\n'), err: err.join('\n') }
}

const SPLIT = { rules: [{ id: 's', kind: 'split', weights: { card_a: 70, card_b: 30 } }] }
const config = file('running.yaml', JSON.stringify({ ...sampleInput(), policy: SPLIT }))
const preferA = file('prefer-a.yaml', 'rules:\n  - { id: first, kind: order, routes: [card_a] }\n')
const preferB = file(
  'prefer-b.yaml',
  'policy:\n  rules:\n    - { id: first, kind: order, routes: [card_b] }\n',
)

/** A log of the split; card_a approves 90%, card_b 60%. */
function recordedLines(count: number): string {
  const random = randomStream(7)
  const policy = policyIn({ policy: SPLIT })
  const { inputs } = decisionIn({})
  return Array.from({ length: count }, (_, seed) => {
    const context = { ...inputs.context, orderId: `o-${seed}` }
    const decision = decide(policy, { ...inputs, context, seed })
    const route = decision.cascade[0] ?? ''
    const approved = random() < (route === 'card_a' ? 0.9 : 0.6)
    const attempts = [{ route, status: approved ? 'approved' : 'declined' }]
    return JSON.stringify({ id: `dec_${seed}`, decision, attempts })
  }).join('\n')
}
const decisions = file('decisions.ndjson', recordedLines(1_900))

describe('fundroute evaluate over recorded decisions', () => {
  it('tells which of two policies is worth more than the log, and by how much', async () => {
    const args = ['--config', config, '--decisions', decisions]
    const better = await run(evaluate, ['--policy', preferA, ...args])
    expect(better.status).toBe(0)
    expect(better.out).toContain('The policy is worth more than what was logged.')
    const worse = await run(evaluate, ['--policy', preferB, ...args, '--json'])
    expect(worse.status).toBe(0)
    const { verdict, policy, difference } = JSON.parse(worse.out)
    expect(verdict).toBe('given')
    // 0.6 x 1000 against 0.81 x 1000
    expect(policy.doublyRobust.low).toBeLessThan(600)
    expect(policy.doublyRobust.high).toBeGreaterThan(600)
    expect(difference.high).toBeLessThan(0)
  })

  it('gives no verdict where too little was tried, says why, and answers 1', async () => {
    const few = file('few.ndjson', recordedLines(300))
    const { status, out } = await run(evaluate, ['--policy', preferA, '--config', config, '--decisions', few])
    expect(status).toBe(1)
    expect(out).toMatch(
      /No verdict: the logs hold \d+ rows' worth of evidence on this policy; 500 are needed/,
    )
  })

  it('measures by the margin that is named', async () => {
    const args = ['--policy', preferA, '--config', config, '--decisions', decisions, '--json']
    const value = async (bps: string) =>
      JSON.parse((await run(evaluate, [...args, '--margin-bps', bps])).out).policy.snips.value
    expect((await value('2000')) / (await value('1000'))).toBeCloseTo(2, 1)
  })

  it.each([
    ['an unknown field', 'rules: []\nrule: []\n', /wrong\.yaml:2:1: error: policy\.rule: unknown key/],
    [
      'an expression that does not type-check',
      'rules:\n  - { id: x, kind: deny, when: "amount.value > channel" }\n',
      /wrong\.yaml:2:\d+: error: policy\.rules\[0\]\.when: /,
    ],
    [
      'weights that do not add up',
      'rules:\n  - id: x\n    kind: split\n    weights: { card_a: 60, card_b: 30 }\n',
      /wrong\.yaml:4:\d+: error: policy\.rules\[0\]\.weights: /,
    ],
  ])('refuses a policy with %s at its place in the file, and answers 1', async (_name, text, place) => {
    const wrong = file('wrong.yaml', text)
    const { status, err } = await run(evaluate, [
      '--policy',
      wrong,
      '--config',
      config,
      '--decisions',
      decisions,
    ])
    expect(status).toBe(1)
    expect(err).toMatch(place)
  })

  it('refuses a line that is no record', async () => {
    const broken = file('broken.ndjson', '{"id":"dec_1"}\n')
    await expect(evaluate(['--policy', preferA, '--config', config, '--decisions', broken])).rejects.toThrow(
      /broken\.ndjson:1: is no recorded decision/,
    )
  })

  it.each([
    [[]],
    [['--policy', preferA, '--csv', decisions]],
    [['--policy', join(folder, 'gone.yaml')]],
    [['--policy', preferA, '--config', config, '--decisions', decisions, '--draws', '0']],
    [['--policy', preferA, '--config', config, '--limit', 'many']],
    [['--policy', preferA, '--config', config, '--from', 'yesterday']],
    [['--policy', preferA, '--config', config, '--tenant', 'nobody']],
  ])('is misused by %j', async args => {
    await expect(evaluate(args)).rejects.toThrow(UsageError)
  })
})

describe('fundroute evaluate over a CSV file', () => {
  const columns = (more = '') =>
    file(
      `columns${more.length}.yaml`,
      `at: time\nroute: via\napproved: ok\namount: cents\ncurrency: CNY\nchannel: app\npayment: order\n${more}`,
    )
  const START = Date.parse('2026-03-01T00:00:00Z') / 1_000
  function csv(count: number): string {
    const random = randomStream(11)
    const rows = Array.from({ length: count }, (_, i) => {
      const via = random() < 0.7 ? 'card_a' : 'card_b'
      const ok = random() < (via === 'card_a' ? 0.6 : 0.9) ? 1 : 0
      return `${START + i * 60},${via},${ok},10000,o-${i},${via === 'card_a' ? 0.7 : 0.3}`
    })
    return ['time,via,ok,cents,order,chance', ...rows].join('\n')
  }
  const log = file('log.csv', csv(4_000))
  const learning = file('learning.yaml', 'exploration: { shareMax: 0 }\n')
  const args = ['--policy', learning, '--config', config, '--csv', log, '--learn', '0.4']

  it('judges what the gateway would have learned to do', async () => {
    const { status, out } = await run(evaluate, [
      ...args,
      '--columns',
      columns('propensity: chance\n'),
      '--json',
    ])
    expect(status).toBe(0)
    const { policy, logged, difference } = JSON.parse(out)
    // It learns that card_b approves .9 where the log had .69 of its payments approved.
    expect(policy.doublyRobust.value).toBeGreaterThan(850)
    expect(policy.doublyRobust.value).toBeLessThan(950)
    expect(logged.snips.value).toBeCloseTo(690, -2)
    expect(difference.low).toBeGreaterThan(150)
  })

  it('gives no verdict without propensities, unless the log is said to be a random split', async () => {
    const none = await run(evaluate, [...args, '--columns', columns()])
    expect(none.status).toBe(1)
    expect(none.out).toContain('No verdict: the log does not tell with which probability')
    const shares = await run(evaluate, [...args, '--columns', columns(), '--shares'])
    expect(shares.status).toBe(0)
    expect(shares.out).toContain('propensities are shares of the routes')
  })

  it('refuses a mapping with a mistake and a route that is not configured', async () => {
    const wrong = file('wrong-columns.yaml', 'at: time\n')
    await expect(evaluate([...args, '--columns', wrong])).rejects.toThrow(/wrong-columns\.yaml: /)
    const other = file('other.csv', csv(5).replace('card_', 'nobody_'))
    await expect(
      evaluate([
        '--policy',
        learning,
        '--config',
        config,
        '--csv',
        other,
        '--columns',
        columns('propensity: chance\n'),
      ]),
    ).rejects.toThrow(/route nobody_. is not configured/)
  })
})

describe('fundroute replay under another policy', () => {
  const some = file('some.ndjson', recordedLines(40))

  it('tells which decisions would change, to what, and because of which rule', async () => {
    const { status, out } = await run(replay, ['--policy', preferA, '--config', config, '--decisions', some])
    expect(status).toBe(1)
    expect(out).toMatch(/because of rule s(, rule first)?\n/)
    expect(out).toMatch(/40 decisions: \d+ differ, \d+ in the order of routes/)
    expect(out).toMatch(/\d+ {2}card_b -> card_a/)
    const { out: json } = await run(replay, [
      '--policy',
      preferA,
      '--config',
      config,
      '--decisions',
      some,
      '--json',
    ])
    const moved = JSON.parse(json).filter(({ recorded }: { recorded: string[] }) => recorded[0] === 'card_b')
    expect(moved.length).toBeGreaterThan(3)
    for (const { replayed, causes } of moved) {
      expect(replayed[0]).toBe('card_a')
      // The split sent it to card_b; where lots would have put card_a first, its end alone is the reason.
      expect(causes).toContain('rule s')
    }
  })

  it('answers 0 under the policy that they were made under', async () => {
    const same = file('same.yaml', JSON.stringify(SPLIT))
    const { status, out } = await run(replay, ['--policy', same, '--config', config, '--decisions', some])
    expect([status, out]).toEqual([0, expect.stringContaining('40 decisions: 0 differ')])
  })
})
