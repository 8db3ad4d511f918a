import * as z from 'zod'
import { configSchema } from './schema.ts'

/** JSON Schema (draft 2020-12) of the configuration as it may be written, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input' })
  return { $schema, title: 'fundroute configuration', ...schema }
}
