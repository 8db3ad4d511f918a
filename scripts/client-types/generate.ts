/**
 * Writes the OpenAPI document and the types of the client that follow from it.
 *
 *     npm run client            write both
 *     npm run client -- --check only say whether they are current (exit status 1 when not)
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { openApiText } from '../../src/http/openapi-text.ts'

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENT = join(ROOT, 'docs/openapi.json')
const TYPES = join(ROOT, 'src/client/generated/schema.ts')

const document = openApiText()
const ast = await openapiTypescript(document)
const types = `// Made from docs/openapi.json by \`npm run client\`. Not edited by hand.\n${astToString(ast)}`

if (process.argv.includes('--check')) {
  const current = readFileSync(DOCUMENT, 'utf8') === document && readFileSync(TYPES, 'utf8') === types
  console.log(current ? 'The client is current.' : 'The API has changed: run `npm run client`.')
  process.exitCode = current ? 0 : 1
} else {
  writeFileSync(DOCUMENT, document)
  writeFileSync(TYPES, types)
}
