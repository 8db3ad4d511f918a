/** Something wrong with a configuration: an `error` keeps it from being used, a `warning` does not. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** Such as `routes[0].cost.percentBps`; empty for the document itself. */
  readonly path: string
  readonly message: string
}

/** A problem that knows the place in the configuration, but not yet in the file. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: readonly PropertyKey[]
  /** True when the place is the key itself, not its value. */
  readonly atKey?: boolean
  readonly message: string
}

/** One line, in the form that editors and terminals turn into a link. */
export function formatProblem(problem: ConfigProblem): string {
  const { file, line, column, severity, path, message } = problem
  return `${file}:${line}:${column}: ${severity}: ${path === '' ? '' : `${path}: `}${message}`
}

/** `['routes', 0, 'id']` as `routes[0].id`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('')
}
