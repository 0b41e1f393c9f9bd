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

/** Reads a token given for the same list. Throws BadRequest. */
export function decodeContinue(prefix: string, token: string): ContinueToken {
  const body = parse(token)
  if (
    body.v !== 'meta.k8s.io/v1' ||
    !Number.isInteger(body.rv) ||
    typeof body.start !== 'string' ||
    !body.start
  ) {
    throw badRequest('invalid continue token: continue key is not valid: unexpected version or content')
  }
  return { revision: body.rv as number, after: prefix + body.start }
}

function parse(token: string): { v?: unknown; rv?: unknown; start?: unknown } {
  try {
    const body: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // Falls through to the refusal: the token is not ours.
  }
  throw badRequest('invalid continue token: continue key is not valid: it cannot be read')
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
