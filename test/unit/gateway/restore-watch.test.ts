import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileMarks } from '../../../src/adapters/system/mark-file.ts'
import { begin } from '../../../src/gateway/begin.ts'
import { readRecovery, writeRecovery } from '../../../src/gateway/recovery.ts'
import { RestoreWatch } from '../../../src/gateway/restore-watch.ts'
import { JournalUnavailable } from '../../../src/ports/journal.ts'
import type { JournalMark, MarkStore } from '../../../src/ports/mark-store.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'

/** A mark that outlives the journals of a test. */
function keptMark(first?: JournalMark): MarkStore & { kept: JournalMark | undefined } {
  const store = {
    kept: first,
    read: async (journal: string | undefined) =>
      journal === undefined || store.kept?.journal === journal ? store.kept : undefined,
    write: async (mark: JournalMark) => {
      store.kept = mark
    },
  }
  return store
}

/** A gateway on a journal of its own that is as far as given, and what watches it. */
async function gatewayAt(
  marks: readonly MarkStore[],
  noted?: { journal: string; position: number; at?: number },
) {
  const test = buildTestGateway()
  await test.clock.advance(60_000)
  const writes = { count: 0 }
  const { journal } = test.gateway.ports
  const position = { collection: 'recovery', key: 'position' }
  const restore = async (to: { journal: string; position: number; at?: number }) => {
    const { at = test.clock.now(), ...rest } = to
    const version = (await journal.getRecord(position.collection, position.key))?.version ?? 0
    await journal.putRecord({ ...position, at, body: JSON.stringify({ ...rest, createdAt: 7_000 }) }, version)
  }
  if (noted !== undefined) await restore(noted)
  return { test, writes, restore, watch: new RestoreWatch(test.gateway, marks, writes) }
}

const recoveryOf = async ({ gateway }: TestGateway) => (await readRecovery(gateway.ports.journal))?.recovery

const markOf = (change: Partial<JournalMark> = {}): JournalMark => ({
  journal: 'j-1',
  createdAt: 7_000,
  position: 10,
  at: 8_000,
  ...change,
})

describe('a gateway that starts', () => {
  it('on a new journal gives it a name, and notes it outside', async () => {
    const mark = keptMark()
    const { test, watch } = await gatewayAt([mark])
    expect(await watch.start()).toBe('whole')
    expect(mark.kept).toMatchObject({ journal: expect.stringMatching(/^[0-9a-f]{32}$/), position: 1 })
    expect(await recoveryOf(test)).toBeUndefined()
  })

  it.each([
    ['as far as its mark', 10],
    ['ahead of its mark, because the mark was lost for a while', 12],
  ])('on a journal that is %s goes on', async (_name, position) => {
    const { test, watch } = await gatewayAt([keptMark(markOf())], { journal: 'j-1', position })
    expect(await watch.start()).toBe('whole')
    expect(await recoveryOf(test)).toBeUndefined()
  })

  it('on a journal that is behind its mark holds sends for what happened since, once', async () => {
    const mark = keptMark(markOf())
    const noted = { journal: 'j-1', position: 9, at: 100_000 }
    const { test, watch } = await gatewayAt([mark], noted)
    expect(await watch.start()).toBe('behind')
    expect(await recoveryOf(test)).toMatchObject({ phase: 'held', sinceAt: 95_000, heldAt: test.clock.now() })
    expect(mark.kept?.position).toBe(11)
    const again = new RestoreWatch(test.gateway, [mark], { count: 0 })
    expect(await again.start()).toBe('whole')
  })

  it('believes the furthest of several marks, and needs only one', async () => {
    const lost: MarkStore = { read: async () => undefined, write: async () => undefined }
    const marks = [lost, keptMark(markOf({ position: 3 })), keptMark(markOf({ position: 12 }))]
    const { watch } = await gatewayAt(marks, { journal: 'j-1', position: 11 })
    expect(await watch.start()).toBe('behind')
  })

  it('where a journal was and is gone holds sends from its beginning on', async () => {
    const { test, watch } = await gatewayAt([keptMark(markOf())])
    expect(await watch.start()).toBe('gone')
    expect(await recoveryOf(test)).toMatchObject({ phase: 'held', sinceAt: 2_000 })
  })

  it.each([
    ['holds nothing anew when people have held sends since, and reconciled them', -10_000, 'released'],
    ['allows for what clocks may differ by', 2_000, 'released'],
    ['holds sends though a clock that was set back since dates an earlier hold later', 3_600_000, 'held'],
  ])('%s', async (_name, heldAfterMs, phase) => {
    const { test, watch } = await gatewayAt([keptMark(markOf())], { journal: 'j-1', position: 9 })
    const { journal, clock } = test.gateway.ports
    const released = {
      phase: 'released',
      sinceAt: 0,
      heldAt: clock.now() + heldAfterMs,
      recordsOf: [],
      releasedAt: clock.now(),
    } as const
    await writeRecovery(journal, released, clock.now())
    expect(await watch.start()).toBe('behind')
    expect((await recoveryOf(test))?.phase).toBe(phase)
  })

  it('goes on without any mark, and with marks of other journals', async () => {
    for (const marks of [[], [keptMark(markOf({ journal: 'j-2', position: 99 }))]]) {
      const { watch } = await gatewayAt(marks, { journal: 'j-1', position: 1 })
      expect(await watch.start()).toBe('whole')
    }
  })
})

describe('a gateway that runs', () => {
  it('notes that money was written, and nothing while nothing is', async () => {
    const mark = keptMark()
    const { watch, writes } = await gatewayAt([mark])
    await watch.start()
    writes.count = 3
    await watch.beat()
    await watch.beat()
    expect(mark.kept?.position).toBe(2)
    writes.count = 4
    await watch.beat()
    expect(mark.kept?.position).toBe(3)
  })

  it('is no news to another instance on the same journal', async () => {
    const mark = keptMark()
    const { test, watch, writes } = await gatewayAt([mark])
    await watch.start()
    const other = new RestoreWatch(test.gateway, [mark], { count: 1 })
    await other.start()
    expect(await other.beat()).toBe('whole')
    writes.count = 1
    expect(await watch.beat()).toBe('whole')
    expect(await other.beat()).toBe('whole')
    expect(await recoveryOf(test)).toBeUndefined()
  })

  it('notices that its journal went back under it, though it writes nothing', async () => {
    const mark = keptMark()
    const { test, watch, writes, restore } = await gatewayAt([mark])
    await watch.start()
    writes.count = 1
    await watch.beat()
    const journal = mark.kept?.journal ?? ''
    await restore({ journal, position: 1 })
    expect(await watch.beat()).toBe('behind')
    expect(await recoveryOf(test)).toMatchObject({ phase: 'held' })
    expect(await watch.beat()).toBe('whole')
  })
})

describe('a mark in a file', () => {
  function markFile(): string {
    const folder = mkdtempSync(join(tmpdir(), 'fundroute-mark-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return join(folder, 'mark')
  }

  it('is there again, for its journal and for whoever asks what was here', async () => {
    const file = markFile()
    await fileMarks(file).write(markOf())
    expect(await fileMarks(file).read('j-1')).toEqual(markOf())
    expect(await fileMarks(file).read(undefined)).toEqual(markOf())
    expect(await fileMarks(file).read('j-2')).toBeUndefined()
  })

  it.each([
    '',
    '{',
    '{}',
    'null',
    '{"journal":"j-1","createdAt":0,"position":"9","at":0}',
    ' '.repeat(2_000),
  ])('that is damaged is no mark: %j', async text => {
    const file = markFile()
    writeFileSync(file, text)
    expect(await fileMarks(file).read('j-1')).toBeUndefined()
  })

  it('that cannot be written or read stops nobody', async () => {
    const marks = fileMarks('/dev/null/mark')
    await marks.write(markOf())
    expect(await marks.read('j-1')).toBeUndefined()
  })
})

describe('a gateway that lost nothing', () => {
  it('is whole though another one notes while it starts', async () => {
    const mark = keptMark()
    const { test, writes, watch } = await gatewayAt([mark])
    await watch.start()
    await watch.beat()
    const slow: MarkStore = {
      ...mark,
      read: async journal => {
        writes.count++
        await watch.beat()
        return mark.read(journal)
      },
    }
    expect(await new RestoreWatch(test.gateway, [slow], { count: 0 }).start()).toBe('whole')
    expect(await recoveryOf(test)).toBeUndefined()
  })
})

describe('a hold that was cut short', () => {
  it('goes on with the attempts that were open, after a restart too', async () => {
    const mark = keptMark(markOf())
    const { test, watch } = await gatewayAt([mark], { journal: 'j-1', position: 9 })
    const step = await begin(test.gateway, test.facts, test.command())
    if (step.kind !== 'send') throw new Error('expected an attempt')
    const { journal } = test.gateway.ports
    const save = journal.save.bind(journal)
    journal.save = () => Promise.reject(new JournalUnavailable('away'))
    await expect(watch.start()).rejects.toThrow('away')
    journal.save = save
    await test.clock.advance(1_000)
    await new RestoreWatch(test.gateway, [mark], { count: 0 }).start()
    const heldAt = (await recoveryOf(test))?.heldAt ?? Number.NaN
    const { payment } = (await journal.find('demo', step.session.payment.id)) ?? {}
    expect(payment?.attempts[0]?.status).toBe('unknown')
    expect(payment?.attempts[0]?.sendableUntil).toBeGreaterThanOrEqual(heldAt)
  })
})
