import type { Hono } from 'hono'
import * as z from 'zod'
import type { RecoverCommand, RecoverReport } from '../gateway/recover.ts'
import { Problem } from './problem.ts'
import { type BodyLimits, readJson } from './request.ts'
import { moneySchema, validate } from './schema.ts'
import { nameSchema, recordFields } from './schema-record.ts'

/** One step of a recovery on the running gateway. Rejects with `TypeError` for a step that is not in order. */
export type AdminRecovery = (command: RecoverCommand) => Promise<RecoverReport>

/** Records of one request: more come in further ones. */
const RECORDS_MAX = 1_000

const recordSchema = z.strictObject({ ...recordFields, amount: moneySchema })

const stepSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('hold'), since: z.iso.datetime({ offset: true }) }),
  z.strictObject({
    step: z.literal('records'),
    records: z.array(recordSchema).max(RECORDS_MAX),
    /** Routes whose records since then are complete with these. */
    covers: z.array(nameSchema).max(500).default([]),
  }),
  z.strictObject({ step: z.literal('release'), acceptMissing: z.boolean().default(false) }),
])

/** Mounts what `fundroute recover` does, for gateways that run and for the objects of Workers. */
export function addRecovery(app: Hono, recovery: AdminRecovery, limits: () => BodyLimits): void {
  app.get('/admin/v1/recovery', async context => context.json(present(await recovery({ kind: 'status' }))))
  app.post('/admin/v1/recovery', async context => {
    const { value } = await readJson(context, limits())
    try {
      return context.json(present(await recovery(commandOf(validate(stepSchema, value)))))
    } catch (error) {
      // Whoever repeats a step, or leaves one out, is told so.
      if (error instanceof TypeError) throw new Problem('state_conflict', { detail: error.message })
      throw error
    }
  })
}

function commandOf(step: z.output<typeof stepSchema>): RecoverCommand {
  switch (step.step) {
    case 'hold':
      return { kind: 'hold', sinceAt: Date.parse(step.since) }
    case 'records':
      return { kind: 'records', records: step.records, routes: step.covers }
    case 'release':
      return { kind: 'release', acceptMissing: step.acceptMissing }
  }
}

function present({ recovery, ...report }: RecoverReport): object {
  if (recovery === undefined) return report
  const { sinceAt, heldAt, releasedAt, ...rest } = recovery
  return {
    recovery: {
      ...rest,
      since: iso(sinceAt),
      heldAt: iso(heldAt),
      ...(releasedAt === undefined ? {} : { releasedAt: iso(releasedAt) }),
    },
    ...report,
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
