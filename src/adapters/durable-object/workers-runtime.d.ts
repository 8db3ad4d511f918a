/**
 * What this project uses of the Workers runtime, so that its types need no generated file of half a megabyte. The
 * full declarations: `npx wrangler types`.
 */
declare module 'cloudflare:workers' {
  export abstract class DurableObject<Bindings> {
    constructor(ctx: DurableObjectState, env: Bindings)
    protected readonly ctx: DurableObjectState
    protected readonly env: Bindings
  }

  /** Keeps the current request's context alive until the work has settled, for a bounded time. */
  export function waitUntil(work: Promise<unknown>): void
}

type SqlStorageValue = string | number | null | ArrayBuffer

interface SqlStorageCursor<Row> {
  toArray(): Row[]
}

interface SqlStorage {
  exec<Row extends object>(sql: string, ...params: SqlStorageValue[]): SqlStorageCursor<Row>
}

interface DurableObjectStorage {
  readonly sql: SqlStorage
  transactionSync<T>(run: () => T): T
  getAlarm(): Promise<number | null>
  setAlarm(at: number): Promise<void>
}

interface DurableObjectState {
  readonly id: DurableObjectId
  readonly storage: DurableObjectStorage
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>
}

interface DurableObjectId {
  toString(): string
}

/** Calls of an object go over the network: every method answers with a promise, and any may reject. */
type DurableObjectStub<Instance> = {
  readonly [Name in keyof Instance as Instance[Name] extends (...args: never[]) => unknown
    ? Name
    : never]: Instance[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

interface DurableObjectNamespace<Instance> {
  idFromName(name: string): DurableObjectId
  get(id: DurableObjectId): DurableObjectStub<Instance>
}

/** Files that are bundled as text, by the rules in `wrangler.toml`. */
declare module '*.yaml' {
  const text: string
  export default text
}
