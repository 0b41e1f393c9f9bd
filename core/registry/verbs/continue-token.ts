import { posix } from 'node:path'
import { goJsonError } from '../../util/go-json-error.ts'
import { goKind } from '../../util/go-kind.ts'
import { StatusError, badRequest, expired } from '../../api/status.ts'

/** Where a list goes on: after this key, at this revision; -1 goes on at the newest state. */
export interface ContinueToken {
  revision: number
  after: string
}

/** A token for clients, opaque to them. */
export function encodeContinue(prefix: string, { revision, after }: ContinueToken): string {
  const body = { v: 'meta.k8s.io/v1', rv: revision, start: after.slice(prefix.length) }
  return Buffer.from(JSON.stringify(body)).toString('base64url')
}

/** Reads a token given for the same list (upstream: apiserver/pkg/storage/continue.go). Throws BadRequest. */
export function decodeContinue(prefix: string, token: string): ContinueToken {
  const { v = '', rv = 0, start = '' } = parse(token)
  if (v !== 'meta.k8s.io/v1') throw refused(`server does not recognize this encoded version ${v}`)
  if (rv === 0) throw refused('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (start === '') throw refused('encoded start key empty (version meta.k8s.io/v1)')
  // A key must not lead out of the list.
  const key = start.startsWith('/') ? start : `/${start}`
  if (posix.normalize(key) !== key) throw refused(start)
  return { revision: rv, after: prefix + key.slice(1) }
}

function refused(why: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}

const memberTypes = { v: 'string', rv: 'int64', start: 'string' }

interface TokenBody {
  v?: string
  rv?: number
  start?: string
}

function parse(token: string): TokenBody {
  const illegal = token.search(/[^A-Za-z0-9_-]/)
  const at = illegal < 0 && token.length % 4 === 1 ? token.length - 1 : illegal
  if (at >= 0) throw refused(`illegal base64 data at input byte ${at}`)
  const text = Buffer.from(token, 'base64url')
  const problem = goJsonError(text)
  if (problem !== undefined) throw refused(problem)
  const body = JSON.parse(text.toString()) as unknown
  if (body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body))
    throw refused(`json: cannot unmarshal ${goKind(body)} into Go value of type storage.continueToken`)
  const members = Object.entries(body as Record<string, unknown>).filter(([, value]) => value !== null)
  for (const [name, type] of Object.entries(memberTypes)) {
    const [, value] = members.find(([member]) => member === name) ?? []
    const isRight = type === 'string' ? typeof value === 'string' : Number.isInteger(value)
    if (value === undefined || isRight) continue
    const found = typeof value === 'number' ? `number ${value}` : goKind(value)
    throw refused(
      `json: cannot unmarshal ${found} into Go struct field continueToken.${name} of type ${type}`,
    )
  }
  return Object.fromEntries(members)
}

/** 410 for a token whose revision is compacted away, with a token that goes on at the newest state. */
export function expiredContinue(prefix: string, after: string): StatusError {
  const { status } = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  )
  return new StatusError({
    ...status,
    metadata: { continue: encodeContinue(prefix, { revision: -1, after }) },
  })
}
