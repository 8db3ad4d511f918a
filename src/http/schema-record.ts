import * as z from 'zod'

const text = z.string().min(1).max(128)
export const nameSchema = z.string().min(1).max(48)
const reference = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 lowercase hex digits')

/** One line of what an upstream has on its books, apart from its amount, which files write in two columns. */
export const recordFields = {
  route: nameSchema,
  reference,
  orderId: text,
  status: z.enum(['approved', 'authorized', 'declined', 'canceled', 'captured', 'refunded']),
  providerReference: text.exactOptional(),
  operationReference: reference.exactOptional(),
  final: z.boolean().exactOptional(),
  tenant: nameSchema.exactOptional(),
}
