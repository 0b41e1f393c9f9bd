import { notAcceptable } from '../../api/status.ts'
import { covers, parseAccept, type AcceptClause } from './accept.ts'

/** Shapes an answer can take besides the object itself. */
export type Transform = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

/** How an answer is to be written. */
export interface Negotiated {
  format: 'json' | 'yaml'
  transform?: Transform
}

const produced = [
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
] as const
const allTransforms: readonly Transform[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']
/** Accept headers repeat; what they mean is remembered for this many of them. */
const cacheSize = 256

function negotiateClause(clause: AcceptClause, transforms: readonly Transform[]): Negotiated | undefined {
  const format = produced.find(([type]) => covers(clause, type))?.[1]
  if (!format) return undefined
  const { as, g, v } = clause.parameters
  if (as === undefined) return { format }
  const transform = transforms.find((one) => one === as)
  const known = transform && g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1')
  return known ? { format, transform } : undefined
}

/**
 * Chooses the form of answers to object requests: JSON or YAML, whole, as a Table or as metadata only (upstream:
 * endpoints/handlers/negotiation). Protobuf and CBOR answers are not produced; a client that takes nothing else, or only shapes that
 * are none of `transforms`, gets 406.
 */
export function createNegotiator(transforms = allTransforms): (accept: string | undefined) => Negotiated {
  const cache = new Map<string, Negotiated>()
  return (accept = '') => {
    const known = cache.get(accept)
    if (known) return known
    for (const clause of parseAccept(accept)) {
      const negotiated = negotiateClause(clause, transforms)
      if (!negotiated) continue
      if (cache.size >= cacheSize) cache.clear()
      cache.set(accept, negotiated)
      return negotiated
    }
    throw notAcceptable(produced.map(([type]) => type))
  }
}
