import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'

const LOG = new URL('../../../src/adapters/telemetry/log.ts', import.meta.url).href

/** Writes more than a pipe and the buffer hold, flushes as the housekeeping does, and tells by another way. */
const CHATTERBOX = `
  import { Log } from '${LOG}'
  const log = new Log()
  const line = { kind: 'fault', area: 'test', cause: 'x'.repeat(100) }
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 6_000; i++) log.record(line)
    log.flush()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed } = process.memoryUsage()
  await log.close(200)
  process.send({ heapUsed })
  process.disconnect()
`

describe('a log that nobody reads', () => {
  it('stops nobody: lines are lost, and neither work nor the end waits for a reader', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHATTERBOX], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    try {
      const [told] = (await once(child, 'message')) as [{ heapUsed: number }]
      expect(told.heapUsed).toBeLessThan(100_000_000)
      expect(child.stdout?.readableFlowing).toBeNull()
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('is written out to the last line before the process ends', async () => {
    const program = `
      import { Log } from '${LOG}'
      const log = new Log()
      for (let i = 0; i < 1_000; i++) log.record({ kind: 'fault', area: 'n' + i, cause: 'Error' })
      await log.close(5_000)
      process.exit(0)
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await once(child, 'close')
    const lines = text.trim().split('\n')
    expect(lines).toHaveLength(1_000)
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ area: 'n999' })
  })
})
