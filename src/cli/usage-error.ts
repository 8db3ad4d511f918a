/** The command was used wrongly: exit status 2 and a pointer to the help. */
export class UsageError extends Error {}
