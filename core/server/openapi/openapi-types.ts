import { covers, parseAccept } from '../responses/accept.ts'

export const jsonType = 'application/json'

/**
 * The form of a document that an Accept header asks for first, 'json' where it takes both alike; undefined for none.
 * The protobuf type has an older spelling, which is no media type (upstream: kube-openapi pkg/handler and pkg/handler3).
 */
export function chooseForm(
  accept: string | undefined,
  protobuf: { current: string; older: string },
): 'json' | 'protobuf' | undefined {
  for (const clause of parseAccept(accept)) {
    if (covers(clause, jsonType)) return 'json'
    if (clause.mediaType === protobuf.current || clause.mediaType === protobuf.older) return 'protobuf'
  }
  return undefined
}
