import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/operators-api.md'), 'utf8')

/** As the source mounts them: `app.post('/admin/v1/routes/:id/breaker', ...)`. */
function mounted(): string[] {
  const folder = join(ROOT, 'src/http')
  return readdirSync(folder)
    .filter(file => /^admin(-\w+)?\.ts$/.test(file))
    .flatMap(file => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/\bapp\.(get|post|put|delete)\('([^']+)'/g),
    ])
    .map(([, method = '', path = '']) => `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
}

it('the page on the operators’ API names every endpoint of the listener, and no other', () => {
  const [, table = ''] = PAGE.split('\n| endpoint | does |')
  const [rows = ''] = table.split('\n\n')
  const named = [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, endpoint = '']) => endpoint)
  expect(mounted().length).toBeGreaterThan(25)
  expect(named.toSorted()).toEqual(mounted().toSorted())
})
