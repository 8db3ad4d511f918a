/** Writes docs/config.md from the schema of the configuration: `node scripts/config-docs.ts`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configJsonSchema } from '../src/config/json-schema.ts'

/** One key that can be written, `routes.cost.fixed`; entries of a list share the path of their list. */
export interface ConfigKey {
  readonly path: string
  readonly type: string
  readonly limits: string
  readonly default: string
  readonly description: string
  /** True for objects and lists of objects, whose own keys follow. */
  readonly isGroup: boolean
}

interface Node {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: string | number | boolean
  readonly enum?: readonly (string | number)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly items?: Node
  readonly oneOf?: readonly Node[]
  readonly additionalProperties?: Node | boolean
  readonly propertyNames?: Node
}

export const PAGE = join(import.meta.dirname, '../docs/config.md')
const CHOICES_SHOWN_MAX = 15

/** Described once, under `policy` or `tenants.policy`: they have the same keys. */
const DESCRIBED_ELSEWHERE = new Set([
  'tenants.policy.rules',
  'tenants.policy.shadows',
  'tenants.policy.experiments',
  'policy.shadows.policy',
  'policy.experiments.policy',
])

/** Every key of the configuration, in the order of the schema. */
export function configKeys(): ConfigKey[] {
  return keysOf(configJsonSchema() as Node, '')
}

function keysOf(node: Node, prefix: string): ConfigKey[] {
  const found = new Map<string, ConfigKey>()
  for (const shape of node.oneOf ?? [node]) {
    for (const [name, child] of Object.entries(shape.properties ?? {})) {
      for (const key of entriesOf(name, child, prefix, shape.required ?? [], node.oneOf !== undefined)) {
        if (!found.has(key.path)) found.set(key.path, key)
      }
    }
  }
  return [...found.values()]
}

function entriesOf(
  name: string,
  child: Node,
  prefix: string,
  required: readonly string[],
  isChoice: boolean,
): ConfigKey[] {
  const isKind = isChoice && child.const !== undefined
  const path = `${prefix}${name}${isKind ? `=${String(child.const)}` : ''}`
  const inner = DESCRIBED_ELSEWHERE.has(path) ? undefined : innerOf(child)
  const needed = required.includes(name) && child.default === undefined
  return [
    {
      path,
      type: typeOf(child),
      limits: limitsOf(child),
      default: needed ? 'required' : defaultOf(child),
      description: child.description ?? '',
      isGroup: inner !== undefined,
    },
    ...(inner === undefined ? [] : keysOf(inner, `${prefix}${name}.`)),
  ]
}

/** The shape whose keys follow: an object, or what a list of objects holds. */
function innerOf(node: Node): Node | undefined {
  const inner = node.items ?? node
  return inner.properties !== undefined || inner.oneOf !== undefined ? inner : undefined
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``
  if (node.enum !== undefined) return node.enum.length > CHOICES_SHOWN_MAX ? 'code' : choices(node.enum)
  if (node.type === 'array')
    return `list of ${node.items?.oneOf || node.items?.properties ? 'objects' : typeOf(node.items ?? {})}`
  if (node.type === 'object' && typeof node.additionalProperties === 'object') {
    return `mapping of ${node.propertyNames?.enum === undefined ? 'text' : 'field'} to ${typeOf(node.additionalProperties)}`
  }
  return node.type === undefined || node.type === 'object' ? 'object' : node.type
}

function choices(values: readonly (string | number)[]): string {
  return values.map(value => `\`${String(value)}\``).join(', ')
}

function limitsOf(node: Node): string {
  const [low, high] = node.type === 'array' ? [node.minItems, node.maxItems] : [node.minimum, node.maximum]
  const unit = node.type === 'array' ? ' entries' : ''
  const top = high === Number.MAX_SAFE_INTEGER ? undefined : high
  if (low === undefined && top === undefined) return ''
  if (top === undefined) return `from ${low}${unit}`
  return `${low ?? 0} to ${top}${unit}`
}

function defaultOf(node: Node): string {
  if (node.default === undefined) return ''
  const text = JSON.stringify(node.default)
  return text === '{}' && node.properties !== undefined ? '' : `\`${text}\``
}

/** The whole page. */
export function configDocs(): string {
  const keys = configKeys()
  const rooms = [...new Set(keys.map(key => key.path.split('.')[0] ?? ''))]
  const sections = rooms.flatMap(room => {
    const [own, ...inner] = keys.filter(key => key.path === room || key.path.startsWith(`${room}.`))
    if (own === undefined || inner.length === 0) return []
    return [`## ${room}`, '', own.description, '', ...table(inner), '']
  })
  return [
    '# Configuration',
    '',
    'One YAML file. Unknown keys are errors, and every message names file, line, column and path. Check a file with',
    '`fundroute check FILE`, get a JSON Schema for your editor with `fundroute schema`, and start from',
    '[the sandbox configuration](../src/config/sandbox.yaml), which has a comment for every idea.',
    '',
    'Secrets never stand in the file: it names environment variables, and each holds one whole secret of at least 32',
    'characters. Amounts are integers in minor units, `...Bps` are basis points, `...Ms` and `...Seconds` are times.',
    'A tenant’s `policy` replaces keys of the common `policy`.',
    '',
    'This page is made from the schema by `node scripts/config-docs.ts`.',
    '',
    '`version: 1` names this format.',
    '',
    ...sections,
  ].join('\n')
}

function table(keys: readonly ConfigKey[]): string[] {
  return [
    '| key | what | type | limits | default |',
    '|---|---|---|---|---|',
    ...keys.map(
      key => `| \`${key.path}\` | ${key.description} | ${key.type} | ${key.limits} | ${key.default} |`,
    ),
  ]
}

if (import.meta.main) {
  writeFileSync(PAGE, configDocs())
  console.log('wrote docs/config.md')
}
