import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Journal, JournalUnavailable } from '../../src/ports/journal.ts'
import { journalContract } from '../contract/journal.contract.ts'
import { beginWrite, samplePayment } from '../contract/journal-samples.ts'
import { type RunningWorker, startWorker } from './workerd.ts'

const folder = mkdtempSync(join(tmpdir(), 'fundroute-edge-journal-'))
let worker: RunningWorker

function start(): Promise<RunningWorker> {
  return startWorker({ bundle: folder, objects: { JOURNAL: 'JournalObject' }, dataDir: folder })
}

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'journal-worker.ts')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    external: ['cloudflare:*', 'node:*'],
  })
  worker = await start()
})
afterAll(async () => {
  await worker.kill()
  rmSync(folder, { recursive: true })
})

let objects = 0

/** The journal of one Durable Object, called from here. */
function journalOf(object: string, now: () => number): Journal {
  const call = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    const body = JSON.stringify({ object, now: now(), name, args })
    const answer = await fetch(worker.url, { method: 'POST', body })
    const { result, error, message } = (await answer.json()) as Record<string, string>
    if (error === 'TypeError') throw new TypeError(message)
    if (error !== undefined) throw new JournalUnavailable(`${error}: ${message}`)
    return result
  }
  return new Proxy({} as Journal, {
    get: (_, name) => (name === 'then' ? undefined : (...args: unknown[]) => call(String(name), args)),
  })
}

describe('journal in a Durable Object', () => {
  journalContract(async () => {
    objects += 1
    let now = Date.now()
    const journal = journalOf(`journal-${objects}`, () => now)
    return {
      journal,
      other: journal,
      now: () => now,
      advance: async ms => {
        now += ms
      },
    }
  })

  it('has lost nothing that it was told is written when the runtime is killed', async () => {
    const journal = journalOf('killed', Date.now)
    const told: string[] = []
    const lanes = Array.from({ length: 8 }, async () => {
      for (;;) {
        const payment = samplePayment()
        await journal.begin(beginWrite(payment))
        told.push(payment.id)
      }
    })
    const ended = Promise.allSettled(lanes)
    while (told.length < 200) await new Promise(resolve => setTimeout(resolve, 5))
    await worker.kill()
    await ended
    worker = await start()
    for (const id of told) expect((await journal.find('demo', id))?.version, id).toBe(1)
    expect(told.length).toBeGreaterThanOrEqual(200)
  })
})
