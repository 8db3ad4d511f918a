import type { CallName } from './store.ts'

/** One call of the store. */
export interface Call {
  readonly id: number
  readonly name: CallName
  readonly args: readonly unknown[]
}

/** Calls that were made in one turn of the event loop, with the clock at that time. */
export type Request =
  | { readonly kind: 'calls'; readonly now: number; readonly calls: readonly Call[] }
  | { readonly kind: 'check'; readonly id: number; readonly now: number }
  | { readonly kind: 'backup'; readonly id: number; readonly file: string }
  | { readonly kind: 'close' }

export type Reply =
  | { readonly id: number; readonly result: unknown }
  /** `misuse` was refused by the tables' rules; `unavailable` says nothing about what was written. */
  | { readonly id: number; readonly fault: 'misuse' | 'unavailable'; readonly message: string }

/** What the worker tells: first whether the file could be opened, then replies, one message per commit. */
export type Message =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }
