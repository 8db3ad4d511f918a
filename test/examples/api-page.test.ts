import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTarget } from '../http/harness.ts'
import type { Target } from '../http/target.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.stop())

function block(language: string, position: number): string {
  return [...PAGE.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))][position]?.[1] ?? ''
}

it('why Baitiao cannot be used by Flash Pay is answered as the page on the API says', async () => {
  const run = promisify(execFile)
  const named = block('sh', 0)
    .replace('http://127.0.0.1:8080', target.url)
    .replace('sandbox_...', target.secret('checkout'))
  const { stdout: decided } = await run('bash', ['-c', named])
  const { id, cascade } = JSON.parse(decided) as { id: string; cascade: string[] }
  expect(cascade).toEqual(['flash_pay'])

  const [settings = ''] = named.split('\n')
  const asking = `${settings}\n${block('sh', 1).replace('dec_01a2...', id)}`
  const { stdout: explained } = await run('bash', ['-c', asking])
  const told = JSON.parse(explained) as { routes: { route: string }[] }
  const shown = JSON.parse(block('json', 0)) as { routes: { route: string }[] }
  const kept = told.routes.filter(({ route }) => shown.routes.some(other => other.route === route))
  expect({ ...told, routes: kept }).toEqual({ ...shown, decision: id, at: expect.any(String) })
})
