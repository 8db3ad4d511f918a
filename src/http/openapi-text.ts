import { API_VERSION, endpointsOf } from './app.ts'
import type { HttpDeps } from './endpoint.ts'
import { openApiDocument } from './openapi.ts'

/** The OpenAPI document as a file: it needs nothing that runs. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(endpointsOf(NOTHING), API_VERSION), null, 2)}\n`
}

/** Endpoints use what they are given only when they are called, and here none is. */
const NOTHING = {} as HttpDeps
