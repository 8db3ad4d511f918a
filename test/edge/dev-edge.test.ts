import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a command that invites to a payment, and gives the answer to the request that it prints. */
async function answerOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<object> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let printed = ''
  const invited = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        const request = /^ {2}curl -s [\s\S]*?\}\}'$/m.exec(printed)?.[0]
        if (request !== undefined) resolve(request)
      })
    }
    void exited.then(() => reject(new Error(`it ended:\n${printed}`)))
  })
  try {
    const { stdout } = await promisify(execFile)('bash', ['-c', await invited], { timeout: 10_000 })
    return JSON.parse(stdout) as object
  } finally {
    child.kill('SIGTERM')
    await exited
  }
}

/** Newcomers try one command after the other: what they paste must not depend on which. */
it('answers the request that `npm run dev:edge` prints like the one of `npm start`', {
  timeout: 90_000,
}, async () => {
  const data = mkdtempSync(join(tmpdir(), 'fundroute-dev-edge-'))
  const env = { FUNDROUTE_DATA: data, HOST: '127.0.0.1' }
  const edge = await answerOf(['scripts/dev-edge.ts'], { ...env, PORT: String(await freePort()) })
  const node = await answerOf(['src/cli/main.ts', 'serve'], { ...env, PORT: '0', ADMIN_PORT: '0' })
  expect(edge).toMatchObject({ status: 'succeeded', tender: 'card' })
  expect(shapeOf(edge)).toEqual(shapeOf(node))
  rmSync(data, { recursive: true, force: true })
})

/** Names and values without what differs from one payment to the next. */
function shapeOf(answer: object): unknown {
  return JSON.parse(JSON.stringify(answer), (name, value: unknown) =>
    ['id', 'reference', 'orderId', 'decision', 'latencyMs', 'route'].includes(name) ? name : value,
  )
}
