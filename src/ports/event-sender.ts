/** One event on its way to one endpoint. */
export interface EventMessage {
  readonly id: string
  /** `{tenant}/{name}` of the endpoint, as in the outbox. */
  readonly endpoint: string
  /** JSON text, sent as it is. */
  readonly body: string
}

/**
 * What became of one try. `gone`: the endpoint has said that it wants no more (410). `failed` may be tried again;
 * its cause is a word of ours or an error's code, never text from outside.
 */
export type EventDelivery =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly cause: string }

export interface EventSender {
  /** Never rejects, and settles within its timeout. */
  send(message: EventMessage): Promise<EventDelivery>
  close(): Promise<void>
}
