import { failure } from '../../api/status.ts'
import type { Exchange } from '../exchange.ts'
import { producedTypes, protobufType } from './negotiation.ts'

const json = 'application/json'
const streams = [json, protobufType].map((type) => `${type};stream=watch`)
/** What routes of lists and watches say that they answer in. */
export const listedTypes: readonly string[] = [...producedTypes, ...streams]
/** What the route of a pod's log says that it answers in. */
export const logTypes: readonly string[] = ['text/plain', ...producedTypes]

/**
 * Throws the 406 of a route before anything else of the request is looked at. Types are compared as they are, without their
 * parameters and without other wildcards than that for everything (upstream: go-restful's jsr311.go and route.go).
 */
export function requireProduced(exchange: Exchange, types: readonly string[]): void {
  const accept = exchange.header('accept')
  if (!accept || types.includes(accept)) return
  const isTaken = accept.split(',').some((clause) => {
    const type = clause.split(';', 1)[0]!.trim()
    return type === '*/*' || types.includes(type)
  })
  if (isTaken) return
  const message = `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`
  throw failure(406, 'NotAcceptable', message, {})
}
