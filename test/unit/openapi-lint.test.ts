import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')

/** An outside linter reads the document as its users' tools will. */
it('the OpenAPI document has nothing that a linter objects to', async () => {
  const args = ['lint', 'docs/openapi.json', '--format=json']
  const options = {
    cwd: ROOT,
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  }
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/redocly'), args, options)
  const { totals } = JSON.parse(stdout) as { totals: { errors: number; warnings: number } }
  expect(totals).toMatchObject({ errors: 0, warnings: 0 })
})
