/**
 * Makes the package that is published, in dist/package: compiled code, declarations, the files that it reads, and a
 * manifest without what only development needs (above all the Node binary, which npm would install for every user).
 *
 *     npm run pack        then `npm publish dist/package`
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const PACKAGE = join(ROOT, 'dist/package')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly engines: object
  readonly dependencies: object
}

rmSync(PACKAGE, { recursive: true, force: true })
mkdirSync(PACKAGE, { recursive: true })
execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', join(ROOT, 'tsconfig.build.json')], {
  stdio: 'inherit',
})
for (const file of ['README.md', 'README.zh-CN.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'scenarios']) {
  cpSync(join(ROOT, file), join(PACKAGE, file), { recursive: true })
}
cpSync(join(ROOT, 'src/config/sandbox.yaml'), join(PACKAGE, 'dist/config/sandbox.yaml'))

const { name, version, description, license, engines, dependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
) as Manifest
const typed = (file: string): object => ({ types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` })
const manifest = {
  name,
  version,
  description,
  license,
  type: 'module',
  engines,
  bin: { fundroute: 'dist/cli/main.js' },
  exports: {
    './core': typed('core/index'),
    './client': typed('client/client'),
    // Types for connectors of one's own.
    './connector': typed('ports/connector'),
    './connector-module': typed('ports/connector-module'),
  },
  files: ['dist', 'docs', 'scenarios'],
  dependencies,
}
writeFileSync(join(PACKAGE, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
