/**
 * Keys that are in the schema and have no test of their own yet. A key leaves this list with its test: the suite fails
 * for a key that is in both places, and for a key that is in neither.
 */
export const AWAITED: ReadonlySet<string> = new Set(['server.operators.id', 'server.operators.tokenEnv'])
