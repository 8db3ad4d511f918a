/**
 * How instances hand each other what they have seen. Entries are opaque texts; receiving one twice must be
 * harmless, losing one costs knowledge and nothing else.
 */
export interface LearningExchange {
  /**
   * Gives entries out and takes in those of other instances since the last call, in one round trip. Undefined
   * when nobody answered in time: perhaps given out all the same, so give them again. Never rejects.
   */
  exchange(entries: readonly string[]): Promise<readonly string[] | undefined>
}
