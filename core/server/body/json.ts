import { parseExactJson } from '../../api/exact-json.ts'
import { isUtf8 } from 'node:buffer'
import { badRequest } from '../../api/status.ts'
import { goJsonError } from '../../util/go-json-error.ts'
import { MalformedBody } from './malformed-body.ts'
import { findDuplicateKeys, type DecodeProblems } from '../../registry/schema/duplicate-keys.ts'

/** Deepest nesting of a request body. Real objects stay far below; recursive code above it stays safe. */
const maxDepth = 1000

interface Shape {
  depth: number
  /** Colons outside strings: the number of object members written. */
  members: number
}

/** Measures JSON text in one pass over its bytes, without checking that it is well formed. */
function measure(bytes: Uint8Array): Shape {
  let depth = 0
  let deepest = 0
  let members = 0
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case 0x22:
        i = skipString(bytes, i)
        break
      case 0x7b:
      case 0x5b:
        if (++depth > deepest) deepest = depth
        break
      case 0x7d:
      case 0x5d:
        depth--
        break
      case 0x3a:
        members++
        break
      default:
        break
    }
  }
  return { depth: deepest, members }
}

/** Index of the closing quote of the string that opens at `start`. */
function skipString(bytes: Uint8Array, start: number): number {
  let i = start + 1
  for (; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === 0x5c) i++
    else if (byte === 0x22) return i
  }
  return i
}

/** Counts the members of parsed data; throws 400 for keys that could reach a prototype. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countMembers(item)
    return count
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw badRequest('the key "__proto__" is not allowed in an object')
    count++
    const member = (value as Record<string, unknown>)[key]
    if (typeof member === 'object') count += countMembers(member)
  }
  return count
}

/** Refuses data that is nested too deeply or holds a `__proto__` key, whatever syntax it came in. */
export function checkData(value: unknown): void {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw tooDeep()
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue
      if (Object.hasOwn(item, '__proto__')) {
        throw badRequest('the key "__proto__" is not allowed in an object')
      }
      for (const member of Object.values(item)) if (typeof member === 'object') next.push(member)
    }
    level = next
  }
}

function tooDeep(): Error {
  return badRequest(`the request body is nested deeper than ${maxDepth} levels`)
}

/**
 * Parses a JSON body. Duplicate keys are reported as problems (`duplicate field "spec.replicas"`), the last one winning.
 * Throws MalformedBody for what is no JSON, in Go's words, and 400 for bad UTF-8, nesting beyond 1,000 levels and `__proto__` keys.
 */
export function parseJson(bytes: Buffer): { value: unknown; problems: DecodeProblems } {
  const shape = measure(bytes)
  if (shape.depth > maxDepth) throw tooDeep()
  if (!isUtf8(bytes)) throw badRequest('the request body is not valid UTF-8')
  const text = bytes.toString()
  const value = parseText(text, bytes)
  const problems = countMembers(value) === shape.members ? { messages: [] } : duplicateProblems(text)
  return { value, problems }
}

function duplicateProblems(text: string): DecodeProblems {
  return { messages: findDuplicateKeys(text).map((path) => `duplicate field "${path}"`), text }
}

function parseText(text: string, bytes: Uint8Array): unknown {
  try {
    return parseExactJson(text)
  } catch (cause) {
    throw new MalformedBody(goJsonError(bytes) ?? (cause as Error).message)
  }
}
