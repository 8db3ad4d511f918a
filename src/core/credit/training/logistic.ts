/** A fitted model: P(y = 1) = 1 / (1 + exp(-(intercept + coefficients . x))). */
export interface LogisticFit {
  readonly intercept: number
  readonly coefficients: Float64Array
  readonly iterations: number
}

const ITERATIONS_MAX = 50
const TOLERANCE = 1e-9

/**
 * Fits an L2-penalised logistic regression by Newton's method (iteratively reweighted least squares). The penalty is
 * ridge / 2 x sum of squared coefficients; the intercept is free. Deterministic.
 *
 * @param columns one array of n values per feature.
 * @param y 1 or 0 per row.
 * @throws RangeError when both outcomes are not present.
 */
export function fitLogistic(
  columns: readonly Float64Array[],
  y: Uint8Array,
  ridge: number,
  offset?: Float64Array,
): LogisticFit {
  const rows = y.length
  let ones = 0
  for (const value of y) ones += value
  if (ones === 0 || ones === rows) throw new RangeError('both outcomes must be present')
  const size = columns.length + 1
  const beta = new Float64Array(size)
  beta[0] = offset ? 0 : Math.log(ones / (rows - ones))
  const linear = new Float64Array(rows)
  let iterations = 0
  let loss = Number.POSITIVE_INFINITY
  for (; iterations < ITERATIONS_MAX; iterations++) {
    predictLinear(columns, beta, offset, linear)
    const { gradient, hessian } = derivatives(columns, y, linear, beta, ridge)
    const step = solvePositiveDefinite(hessian, gradient, size)
    loss = takeStep(columns, y, beta, step, ridge, offset, linear, loss)
    if (step.every(value => Math.abs(value) < TOLERANCE)) break
  }
  return { intercept: beta[0] as number, coefficients: beta.slice(1), iterations }
}

/** Newton's step, halved while it would raise the penalised loss: separable data cannot make it diverge. */
function takeStep(
  columns: readonly Float64Array[],
  y: Uint8Array,
  beta: Float64Array,
  step: Float64Array,
  ridge: number,
  offset: Float64Array | undefined,
  scratch: Float64Array,
  before: number,
): number {
  const start = beta.slice()
  let scale = 1
  for (let halvings = 0; ; halvings++) {
    for (let i = 0; i < beta.length; i++) beta[i] = (start[i] as number) + scale * (step[i] as number)
    predictLinear(columns, beta, offset, scratch)
    const loss = penalisedLoss(y, scratch, beta, ridge)
    if (loss <= before + 1e-12 || halvings === 20) return loss
    scale /= 2
  }
}

function predictLinear(
  columns: readonly Float64Array[],
  beta: Float64Array,
  offset: Float64Array | undefined,
  into: Float64Array,
): void {
  if (offset) into.set(offset)
  else into.fill(0)
  const intercept = beta[0] as number
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + intercept
  for (const [j, column] of columns.entries()) {
    const b = beta[j + 1] as number
    for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + b * (column[i] as number)
  }
}

function penalisedLoss(y: Uint8Array, linear: Float64Array, beta: Float64Array, ridge: number): number {
  let loss = 0
  for (let i = 0; i < y.length; i++) {
    const z = linear[i] as number
    loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (y[i] as number) * z
  }
  for (let j = 1; j < beta.length; j++) loss += (ridge / 2) * (beta[j] as number) ** 2
  return loss
}

function derivatives(
  columns: readonly Float64Array[],
  y: Uint8Array,
  linear: Float64Array,
  beta: Float64Array,
  ridge: number,
): { gradient: Float64Array; hessian: Float64Array } {
  const size = columns.length + 1
  const rows = y.length
  const gradient = new Float64Array(size)
  const hessian = new Float64Array(size * size)
  const weight = new Float64Array(rows)
  const weighted = new Float64Array(rows)
  let [residualSum, weightSum] = [0, 0]
  const residual = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    const p = sigmoid(linear[i] as number)
    residual[i] = (y[i] as number) - p
    weight[i] = Math.max(p * (1 - p), 1e-12)
    residualSum += residual[i] as number
    weightSum += weight[i] as number
  }
  gradient[0] = residualSum
  hessian[0] = weightSum
  for (let j = 0; j < columns.length; j++) {
    const left = columns[j] as Float64Array
    let [g, first] = [0, 0]
    for (let i = 0; i < rows; i++) {
      const w = (weight[i] as number) * (left[i] as number)
      weighted[i] = w
      first += w
      g += (residual[i] as number) * (left[i] as number)
    }
    gradient[j + 1] = g - ridge * (beta[j + 1] as number)
    hessian[j + 1] = first
    hessian[(j + 1) * size] = first
    for (let k = 0; k <= j; k++) {
      const right = columns[k] as Float64Array
      let sum = 0
      for (let i = 0; i < rows; i++) sum += (weighted[i] as number) * (right[i] as number)
      if (k === j) sum += ridge
      hessian[(j + 1) * size + k + 1] = sum
      hessian[(k + 1) * size + j + 1] = sum
    }
  }
  return { gradient, hessian }
}

/** Solves A x = b for a symmetric positive definite A (row-major) by Cholesky; a tiny jitter guards exact copies. */
function solvePositiveDefinite(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] as number
      for (let k = 0; k < j; k++) sum -= (lower[i * size + k] as number) * (lower[j * size + k] as number)
      if (i === j) lower[i * size + i] = Math.sqrt(Math.max(sum, 1e-10))
      else lower[i * size + j] = sum / (lower[j * size + j] as number)
    }
  }
  const x = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    let sum = right[i] as number
    for (let k = 0; k < i; k++) sum -= (lower[i * size + k] as number) * (x[k] as number)
    x[i] = sum / (lower[i * size + i] as number)
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i] as number
    for (let k = i + 1; k < size; k++) sum -= (lower[k * size + i] as number) * (x[k] as number)
    x[i] = sum / (lower[i * size + i] as number)
  }
  return x
}

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))
}
