import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import type { EndpointDoc } from './endpoint-docs.ts'
import { PROBLEMS, type ProblemCode } from './problem.ts'
import { problemSchema } from './schema-answers.ts'

type Json = Record<string, unknown>

/** Refusals that every endpoint may give. */
const COMMON: readonly ProblemCode[] = ['unauthorized', 'forbidden', 'overloaded', 'internal_error']

/** The OpenAPI 3.1 document, made from the endpoints that are mounted and the schemas that validate them. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'fundroute',
      version,
      summary: 'A payment routing gateway',
      description:
        'Decides which funding route to try, pays without ever charging twice, and tells why a way to pay is not offered. Amounts are integer minor units. Unknown fields are errors.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This gateway' }],
    security: [{ apiKey: [] }],
    tags: [
      { name: 'quotes', description: 'What a checkout page can offer.' },
      { name: 'decisions', description: 'Deciding for a checkout that executes payments itself.' },
      { name: 'payments', description: 'Payments that the gateway executes.' },
      { name: 'payers', description: 'Payers’ credit lines and bills, for the lender’s own systems.' },
    ],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of a tenant.' } },
      schemas: componentSchemas(endpoints),
    },
  }
}

function operation({ path, scope, doc }: Endpoint): Json {
  return {
    operationId: doc.id,
    tags: [doc.tag],
    summary: doc.summary,
    description: `${doc.description}\n\nScope: \`${scope}\`.`,
    parameters: parameters(path, doc),
    ...(doc.body === undefined ? {} : { requestBody: requestBody(doc) }),
    responses: responses(doc),
  }
}

function parameters(path: string, doc: EndpointDoc): Json[] {
  const found: Json[] = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: `Id of the ${name === 'id' ? doc.tag.slice(0, -1) : name}.`,
    schema: { type: 'string', maxLength: 128 },
  }))
  if (doc.query !== undefined) {
    const { name, description } = doc.query
    found.push({ name, in: 'query', required: true, description, schema: { type: 'string', maxLength: 128 } })
  }
  if (doc.optionalQuery !== undefined) {
    const { name, description } = doc.optionalQuery
    found.push({
      name,
      in: 'query',
      required: false,
      description,
      schema: { type: 'string', maxLength: 128 },
    })
  }
  if (doc.keyed) {
    found.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description: 'Keep it until you have a final answer; one key never executes two requests.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    })
  }
  return found
}

function requestBody({ body, example }: EndpointDoc): Json {
  const content = { schema: reference(body as z.ZodType), ...(example === undefined ? {} : { example }) }
  return { required: true, content: { 'application/json': content } }
}

function responses(doc: EndpointDoc): Json {
  const found: Json = {}
  for (const [status, { description, schema }] of Object.entries(doc.answers)) {
    found[status] = { description, content: { 'application/json': { schema: reference(schema) } } }
  }
  for (const [status, codes] of byStatus([...doc.problems, ...COMMON])) {
    found[status] = {
      description: codes.map(code => `\`${code}\`: ${PROBLEMS[code].title}.`).join('\n\n'),
      content: { 'application/problem+json': { schema: reference(problemSchema) } },
    }
  }
  return found
}

function byStatus(codes: readonly ProblemCode[]): Map<string, ProblemCode[]> {
  const found = new Map<string, ProblemCode[]>()
  for (const code of new Set(codes)) {
    const status = String(PROBLEMS[code].status)
    found.set(status, [...(found.get(status) ?? []), code])
  }
  return found
}

const uriOf = (id: string): string => `#/components/schemas/${id}`

function idOf(schema: z.ZodType): string {
  const id = schema.meta()?.id
  if (id === undefined) throw new TypeError('a schema of the API has no id')
  return id
}

function reference(schema: z.ZodType): Json {
  return { $ref: uriOf(idOf(schema)) }
}

/** Every schema with an id that the endpoints reach, each once. */
function componentSchemas(endpoints: readonly Endpoint[]): Json {
  const roots = endpoints.flatMap(({ doc }) => [
    ...(doc.body === undefined ? [] : [doc.body]),
    ...Object.values(doc.answers).map(({ schema }) => schema),
  ])
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri: uriOf, io: 'input', unrepresentable: 'any' })
  const found: Json = {}
  const add = (id: string): void => {
    const schema = schemas[id]
    if (schema === undefined || found[id] !== undefined) return
    const { $schema: _dialect, $id: _uri, ...rest } = schema as Json
    found[id] = rest
    for (const [, inner] of JSON.stringify(rest).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      add(inner as string)
  }
  for (const root of [...roots, problemSchema]) add(idOf(root))
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}
