import type { Status } from '../../core/api/status.ts'
import { locateField } from './yaml.ts'

/** One thing a server says against a manifest; `place` where the text has the field it is about. */
export interface Complaint {
  field: string | undefined
  message: string
  place: { from: number; to: number } | undefined
}

interface Cause {
  field?: string
  message?: string
}

/** Strict decoding and server-side apply name fields only in their message. */
function causesIn(message: string): Cause[] {
  const strict = message.matchAll(/((?:unknown|duplicate) field) "([^"]+)"/g)
  const undeclared = message.matchAll(/(?<!\S)\.(\S+): (field not declared in schema)/g)
  return [
    ...[...strict].map(([, text, field]) => ({ field: field!, message: text! })),
    ...[...undeclared].map(([, field, text]) => ({ field: field!, message: text! })),
  ]
}

/** What a refusal says, cause by cause, each with its place in the document that begins at `offset` of `text`. */
export function complaintsOf(status: Status, text: string, offset = 0): Complaint[] {
  const message = status.message ?? ''
  const named: Cause[] = status.details?.causes ?? []
  const causes = named.length ? named : causesIn(message)
  if (!causes.length) return [{ field: undefined, message, place: undefined }]
  return causes.map(({ field, message: words = '' }) => ({
    field,
    message: words,
    place: field ? locateField(text, field, offset) : undefined,
  }))
}
